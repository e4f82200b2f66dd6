"""Breaks each rule of check_imports.py in a small workspace and expects the fault to be reported.

Usage: python3 scripts/check_imports_test.py
"""

import sys
import tempfile
from pathlib import Path

import check_imports

SHARED = "shared/src/"
SOUND = {
    "Cargo.toml": '[workspace]\nmembers = ["functions/*", "shared"]\n',
    "shared/Cargo.toml": '[package]\nname = "shared"\n',
    SHARED + "lib.rs": "pub mod domain;\npub mod platform;\npub mod store;\npub mod upstreams;\n",
    SHARED + "domain/mod.rs": "pub mod ids;\npub mod names;\n",
    SHARED + "domain/ids.rs": "pub struct Id;\n",
    SHARED + "domain/names.rs": "use super::ids::Id;\n#[cfg(test)]\nmod tests {\n    use crate::store::tracks;\n}\n",
    SHARED + "platform/mod.rs": "pub mod db;\n",
    SHARED + "platform/db.rs": "// crate::store::tracks is a comment, 'a' a character\nfn f<'a>() { crate::domain::ids::Id; }\n",
    SHARED + "store/mod.rs": "pub mod tracks;\n",
    SHARED + "store/tracks.rs": 'pub(in crate::store) const SQL: &str = "crate::upstreams::genius";\nuse crate::platform::db;\n',
    SHARED + "upstreams/mod.rs": "pub mod genius;\n",
    SHARED + "upstreams/genius.rs": "use crate::platform::db;\n",
    "functions/api/Cargo.toml": '[package]\nname = "api"\n',
    "functions/api/src/lib.rs": "mod routes;\nuse shared::store::tracks;\n",
    "functions/api/src/main.rs": "use api::routes;\n",
    "functions/api/src/routes.rs": "use shared::domain::{ids, names};\nfn f() { names::fold(ids::Id); }\n",
}

# (file, its text, what must be reported)
BROKEN = [
    (SHARED + "domain/ids.rs", "use super::names;\n", "import cycle between shared/src/domain/ids.rs, shared/src/domain/names.rs"),
    (SHARED + "domain/ids.rs", "use crate::domain::{names as other};\n", "import cycle between shared/src/domain/ids.rs"),
    (SHARED + "store/mod.rs", "pub mod tracks;\npub use tracks::SQL;\n", None),
    (SHARED + "domain/ids.rs", "fn f() { crate::platform::db::connect(); }\n", "domain/ids.rs imports shared/src/platform/db.rs, which points up"),
    (SHARED + "domain/names.rs", "use crate::{store};\nfn f() { store::tracks::SQL; }\n", "imports shared/src/store/tracks.rs, which points up"),
    (SHARED + "upstreams/genius.rs", "pub(crate) use crate::store::tracks;\n", "which points sideways"),
    (SHARED + "adding.rs", "\n", "shared/src/adding.rs is in none of the folders"),
    ("functions/api/src/routes.rs", "use crate::f;\n", None),
    ("functions/api/src/lib.rs", "mod routes;\npub use routes::f;\n", None),
]
# A child that imports its parent is a cycle once the parent imports the child.
PARENT_AND_CHILD = {
    "functions/api/src/lib.rs": "mod routes;\npub use routes::f;\n",
    "functions/api/src/routes.rs": "use crate::Context;\n",
}


def faults(changes: dict[str, str]) -> list[str]:
    """The faults of the sound workspace after these changes."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (SOUND | changes).items():
            file = Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return check_imports.faults(Path(folder).resolve())


def main() -> int:
    cases = [({}, None)] + [({file: text}, expected) for file, text, expected in BROKEN]
    cases.append((PARENT_AND_CHILD, "import cycle between functions/api/src/lib.rs, functions/api/src/routes.rs"))
    failed = 0
    for changes, expected in cases:
        found = faults(changes)
        is_right = any(expected in fault for fault in found) if expected else not found
        if not is_right:
            failed += 1
            print(f"check_imports_test.py: {changes} gave {found}, not {expected}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
