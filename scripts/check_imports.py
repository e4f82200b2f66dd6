"""Checks which file of the workspace imports which: no cycle between files, and inside `shared` no import that points up.

A file imports another when it names a path that leads into it, in a `use` or in the code. A child's import of its parent
counts; a parent's `mod child;` alone does not. Tests inside a crate are left out: nothing imports them.
"""

import re
import sys
import tomllib
from pathlib import Path

# The folders of `shared/src` from bottom to top. Folders on one level do not import each other.
LEVELS = [{"domain"}, {"platform"}, {"store", "upstreams"}, {"work"}, {"catalog", "curation"}]
LEVEL_OF = {folder: level for level, folders in enumerate(LEVELS) for folder in folders}

# Comments, strings and characters, none of which import anything. A lifetime is no character: it has no closing quote.
NO_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|b?r(#*)".*?"\1|b?"(?:\\.|[^"\\])*"|b?\'(?:\\[^\n]{1,9}?|[^\\\'])\'', re.DOTALL
)
USE = re.compile(r"^[ \t]*(?:pub(?:\([^)]*\))?\s+)?use\s+([^;]+);", re.MULTILINE)
PATH = re.compile(r"(?<![\w:.])(?:\$)?[A-Za-z_]\w*(?:\s*::\s*[A-Za-z_]\w*)+")
TESTS = re.compile(r"#\[cfg\((?:all\()?test\b[^\]]*\]\s*(?:#\[[^\]]*\]\s*)*(?:pub(?:\([^)]*\))?\s+)?mod\s+(\w+)\s*(\{|;)")


def code_of(text: str) -> str:
    """The text without what is no code, and without the modules that are compiled for tests alone."""
    code = NO_CODE.sub(lambda found: " " if found.group().startswith("/") else '""', text)
    while found := TESTS.search(code):
        end = found.end()
        if found.group(2) == "{":
            depth = 1
            while depth:
                depth += {"{": 1, "}": -1}.get(code[end], 0)
                end += 1
        code = code[: found.start()] + code[end:]
    return code


def flat(tree: str) -> list[tuple[list[str], str]]:
    """A `use` tree as (path, name in this file) pairs."""
    tree = tree.strip()
    if tree.startswith("{"):
        parts, depth, start = [], 0, 1
        for at, sign in enumerate(tree):
            depth += {"{": 1, "}": -1}.get(sign, 0)
            if (sign == "," and depth == 1) or (sign == "}" and depth == 0):
                parts.append(tree[start:at])
                start = at + 1
        return [pair for part in parts if part.strip() for pair in flat(part)]
    head, separator, rest = tree.partition("::")
    head = head.strip()
    if separator:
        return [
            ([head, *path], head if path == [] else name) for path, name in flat(rest)
        ] if head else flat(rest)
    name, _, alias = head.partition(" as ")
    if name.strip() == "self":
        return [([], alias.strip())]
    return [([name.strip()], (alias or name).strip())]


class Crate:
    """A crate of the workspace: its name in paths, and its modules with the file of each."""

    def __init__(self, folder: Path, manifest: dict):
        self.name = manifest.get("lib", {}).get("name", manifest["package"]["name"]).replace("-", "_")
        self.modules: dict[tuple[str, ...], Path] = {}
        self.roots: dict[Path, str] = {}
        source = folder / "src"
        for file in sorted(source.rglob("*.rs")):
            parts = file.relative_to(source).with_suffix("").parts
            if parts[-1] == "tests" or "tests" in parts[:-1]:
                continue
            if parts in (("lib",), ("main",)) or parts[0] == "bin":
                path = () if parts == ("lib",) else (f"<{'/'.join(parts)}>",)
            else:
                path = parts[:-1] if parts[-1] == "mod" else parts
            self.modules[path] = file
        if () not in self.modules and ("<main>",) in self.modules:
            self.modules[()] = self.modules.pop(("<main>",))


def crates(root: Path) -> list[Crate]:
    """The crates that the workspace's manifest names."""
    members = tomllib.loads((root / "Cargo.toml").read_text())["workspace"]["members"]
    folders = sorted(folder for member in members for folder in root.glob(member) if (folder / "Cargo.toml").exists())
    return [Crate(folder, tomllib.loads((folder / "Cargo.toml").read_text())) for folder in folders]


def imports(root: Path) -> dict[Path, set[Path]]:
    """Each file of the workspace with the other files that it imports."""
    all_crates = {crate.name: crate for crate in crates(root)}
    return {
        file: imports_of(file, module, crate, all_crates) - {file}
        for crate in all_crates.values()
        for module, file in crate.modules.items()
    }


def imports_of(file: Path, module: tuple[str, ...], crate: Crate, all_crates: dict[str, Crate]) -> set[Path]:
    """The files that the paths in `file` lead into."""
    code = code_of(file.read_text())
    names: dict[str, list[str]] = {}
    found = set()

    def target(path: list[str]) -> tuple[Crate, tuple[str, ...]] | None:
        """Where a path leads: a crate and the path inside it, as far as that can be read from this file."""
        place, at = None, 0
        if path[0] in ("crate", "$crate"):
            place, at = (crate, ()), 1
        elif path[0] in ("self", "super"):
            inside = module
            if path[0] == "self":
                at = 1
            while at < len(path) and path[at] == "super":
                inside, at = inside[:-1], at + 1
            place = (crate, inside)
        elif path[0] in names and names[path[0]][:1] != [path[0]]:
            return target(names[path[0]] + path[1:])
        elif (*module, path[0]) in crate.modules:
            place = (crate, module)
        elif path[0] in all_crates:
            place, at = (all_crates[path[0]], ()), 1
        return place and (place[0], (*place[1], *path[at:]))

    def note(path: list[str]) -> None:
        if not path or (place := target(path)) is None:
            return
        inside, way = place
        while way not in inside.modules and way:
            way = way[:-1]
        # The crate itself is no module of its own binary: what `main.rs` names there is `lib.rs`.
        if way in inside.modules:
            found.add(inside.modules[way])

    uses = [pair for use in USE.finditer(code) for pair in flat(use.group(1))]
    names.update({name: path for path, name in uses if name not in ("", "*", "_")})
    for path, _ in uses:
        note(path[:-1] if path[-1] == "*" else path)
    for path in PATH.finditer(USE.sub("", code)):
        note(re.split(r"\s*::\s*", path.group()))
    return found


def cycles(graph: dict[Path, set[Path]]) -> list[list[Path]]:
    """The groups of files that reach each other (Tarjan's strongly connected components of more than one file)."""
    index: dict[Path, int] = {}
    low: dict[Path, int] = {}
    stack: list[Path] = []
    groups = []

    def visit(file: Path) -> None:
        index[file] = low[file] = len(index)
        stack.append(file)
        for other in sorted(graph.get(file, ())):
            if other not in index:
                visit(other)
                low[file] = min(low[file], low[other])
            elif other in stack:
                low[file] = min(low[file], index[other])
        if low[file] == index[file]:
            at = stack.index(file)
            group = stack[at:]
            del stack[at:]
            if len(group) > 1:
                groups.append(sorted(group))

    sys.setrecursionlimit(10_000)
    for file in sorted(graph):
        if file not in index:
            visit(file)
    return groups


def folder_in_shared(root: Path, file: Path) -> str | None:
    """The folder of `shared/src` that the file is in; nothing for the crate's root and for other crates."""
    source = root / "shared" / "src"
    if not file.is_relative_to(source) or file == source / "lib.rs":
        return None
    return file.relative_to(source).parts[0]


def faults(root: Path) -> list[str]:
    """What is wrong, a line each."""
    graph = imports(root)
    said = []
    for file, others in sorted(graph.items()):
        folder = folder_in_shared(root, file)
        if folder is not None and folder not in LEVEL_OF:
            said.append(f"{file.relative_to(root)} is in none of the folders of shared/src: {', '.join(LEVEL_OF)}")
            continue
        for other in sorted(others):
            beside = folder_in_shared(root, other)
            if folder is None or beside is None or folder == beside or beside not in LEVEL_OF:
                continue
            if LEVEL_OF[beside] >= LEVEL_OF[folder]:
                way = "up" if LEVEL_OF[beside] > LEVEL_OF[folder] else "sideways"
                said.append(f"{file.relative_to(root)} imports {other.relative_to(root)}, which points {way}")
    for group in cycles(graph):
        names = ", ".join(str(file.relative_to(root)) for file in group)
        said.append(f"a cycle of imports between {names}")
    return said


if __name__ == "__main__":
    at = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    for fault in (found := faults(at)):
        print(f"scripts/check_imports.py: {fault}", file=sys.stderr)
    sys.exit(1 if found else 0)
