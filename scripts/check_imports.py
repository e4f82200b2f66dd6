"""Checks which files of the workspace import each other: no cycles, and inside `shared` no import that points up.

A file imports another if one of its paths, in a `use` or in the code, leads to that file. A child that imports its parent
counts; the parent's `mod child;` does not. Unit tests are left out, because nothing imports them.
"""

import re
import sys
import tomllib
from pathlib import Path

# The folders of `shared/src` from bottom to top. Folders on one level do not import each other.
LEVELS = [{"domain"}, {"platform"}, {"store", "upstreams"}, {"work"}, {"catalog", "curation"}]
LEVEL_OF = {folder: level for level, folders in enumerate(LEVELS) for folder in folders}

# Comments, strings and characters hold no imports. A lifetime is not taken for a character: it has no closing quote.
NOT_CODE = re.compile(
    r"//[^\n]*|/\*.*?\*/"
    r'|b?r(#*)".*?"\1|b?"(?:\\.|[^"\\])*"'
    r"|b?'(?:\\[^\n]{1,9}?|[^\\'])'",
    re.DOTALL,
)
VISIBILITY = re.compile(r"\bpub\([^)]*\)")
USE = re.compile(r"^[ \t]*(?:pub\s+)?use\s+([^;]+);", re.MULTILINE)
PATH = re.compile(r"(?<![\w:.])\$?[A-Za-z_]\w*(?:\s*::\s*[A-Za-z_]\w*)+")
TEST_MODULE = re.compile(r"#\[cfg\((?:all\()?test\b[^\]]*\]\s*(?:#\[[^\]]*\]\s*)*(?:pub\s+)?mod\s+\w+\s*(\{|;)")

ModulePath = tuple[str, ...]


def code_of(text: str) -> str:
    """The code without comments, strings, visibilities and test modules."""
    code = NOT_CODE.sub(lambda match: " " if match.group().startswith("/") else '""', text)
    code = VISIBILITY.sub("pub", code)
    while match := TEST_MODULE.search(code):
        end = match.end()
        if match.group(1) == "{":
            depth = 1
            while depth:
                depth += {"{": 1, "}": -1}.get(code[end], 0)
                end += 1
        code = code[: match.start()] + code[end:]
    return code


def flatten(tree: str) -> list[tuple[list[str], str]]:
    """Splits a `use` tree into pairs of a path and the name it has in the file."""
    tree = tree.strip()
    if tree.startswith("{"):
        parts, depth, start = [], 0, 1
        for position, character in enumerate(tree):
            depth += {"{": 1, "}": -1}.get(character, 0)
            if (character == "," and depth == 1) or (character == "}" and depth == 0):
                parts.append(tree[start:position])
                start = position + 1
        return [pair for part in parts if part.strip() for pair in flatten(part)]
    head, separator, rest = tree.partition("::")
    head = head.strip()
    if separator:
        return [([head, *path], name if path else name or head) for path, name in flatten(rest)]
    name, _, alias = head.partition(" as ")
    if name.strip() == "self":
        return [([], alias.strip())]
    return [([name.strip()], (alias or name).strip())]


class Crate:
    """A crate of the workspace: its name and the file of each module."""

    def __init__(self, folder: Path):
        manifest = tomllib.loads((folder / "Cargo.toml").read_text())
        self.name = manifest.get("lib", {}).get("name", manifest["package"]["name"]).replace("-", "_")
        self.files: dict[ModulePath, Path] = {}
        source = folder / "src"
        for file in sorted(source.rglob("*.rs")):
            parts = file.relative_to(source).with_suffix("").parts
            if "tests" in parts:
                continue
            if parts == ("main",) and (source / "lib.rs").exists():
                # A binary beside a library: a crate of its own that nothing imports.
                self.files[("<main>",)] = file
            elif parts in (("lib",), ("main",)):
                self.files[()] = file
            else:
                self.files[parts[:-1] if parts[-1] == "mod" else parts] = file


class ImportReader:
    """Resolves the paths in one file to files of the workspace."""

    def __init__(self, module: ModulePath, crate: Crate, crates: dict[str, Crate]):
        self.module = module
        self.crate = crate
        self.crates = crates
        self.aliases: dict[str, list[str]] = {}

    def read(self, code: str) -> set[Path]:
        """The files that the paths in `code` lead to."""
        uses = [pair for use in USE.finditer(code) for pair in flatten(use.group(1))]
        self.aliases = {name: path for path, name in uses if name not in ("", "*", "_")}
        paths = [path[:-1] if path[-1] == "*" else path for path, _ in uses]
        paths += [re.split(r"\s*::\s*", match.group()) for match in PATH.finditer(USE.sub("", code))]
        return {file for path in paths if path and (file := self.file_of(path))}

    def file_of(self, path: list[str]) -> Path | None:
        """The file of the innermost module that the path names; None for paths out of the workspace."""
        place = self.resolve(path)
        if place is None:
            return None
        crate, module = place
        while module and module not in crate.files:
            module = module[:-1]
        return crate.files.get(module)

    def resolve(self, path: list[str]) -> tuple[Crate, ModulePath] | None:
        """The crate and the absolute path in it."""
        first, rest = path[0], path[1:]
        if first in ("crate", "$crate"):
            return self.crate, tuple(rest)
        if first in ("self", "super"):
            module = self.module
            while path and path[0] in ("self", "super"):
                module = module[:-1] if path[0] == "super" else module
                path = path[1:]
            return self.crate, (*module, *path)
        if first in self.aliases and self.aliases[first][:1] != [first]:
            return self.resolve([*self.aliases[first], *rest])
        if (*self.module, first) in self.crate.files:
            return self.crate, (*self.module, *path)
        if first in self.crates:
            return self.crates[first], tuple(rest)
        return None


def imports(root: Path) -> dict[Path, set[Path]]:
    """Each file of the workspace with the other files it imports."""
    members = tomllib.loads((root / "Cargo.toml").read_text())["workspace"]["members"]
    folders = {folder for member in members for folder in root.glob(member) if (folder / "Cargo.toml").exists()}
    crates = {crate.name: crate for crate in map(Crate, sorted(folders))}
    return {
        file: ImportReader(module, crate, crates).read(code_of(file.read_text())) - {file}
        for crate in crates.values()
        for module, file in crate.files.items()
    }


def cycles(graph: dict[Path, set[Path]]) -> list[list[Path]]:
    """The groups of files that all import each other, directly or not (Tarjan's strongly connected components)."""
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
            group = [stack.pop()]
            while group[-1] != file:
                group.append(stack.pop())
            if len(group) > 1:
                groups.append(sorted(group))

    sys.setrecursionlimit(10_000)
    for file in sorted(graph):
        if file not in index:
            visit(file)
    return groups


def level_faults(root: Path, graph: dict[Path, set[Path]]) -> list[str]:
    """The imports inside `shared/src` that point up or sideways, and the files outside its folders."""
    source = root / "shared" / "src"
    faults = []
    for file, others in sorted(graph.items()):
        if not file.is_relative_to(source) or file == source / "lib.rs":
            continue
        folder = file.relative_to(source).parts[0]
        if folder not in LEVEL_OF:
            faults.append(f"{file.relative_to(root)} is in none of the folders {', '.join(LEVEL_OF)}")
            continue
        for other in sorted(others):
            target = other.relative_to(source).parts[0] if other.is_relative_to(source) else folder
            if target != folder and target in LEVEL_OF and LEVEL_OF[target] >= LEVEL_OF[folder]:
                direction = "up" if LEVEL_OF[target] > LEVEL_OF[folder] else "sideways"
                faults.append(f"{file.relative_to(root)} imports {other.relative_to(root)}, which points {direction}")
    return faults


def faults(root: Path) -> list[str]:
    """One line for each broken rule."""
    graph = imports(root)
    rings = [", ".join(str(file.relative_to(root)) for file in group) for group in cycles(graph)]
    return level_faults(root, graph) + [f"import cycle between {ring}" for ring in rings]


if __name__ == "__main__":
    found = faults(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve())
    for fault in found:
        print(f"scripts/check_imports.py: {fault}", file=sys.stderr)
    sys.exit(1 if found else 0)
