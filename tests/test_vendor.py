"""Other people's libraries are what static/vendor/README.txt says they are."""

import hashlib
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "static" / "vendor"


def test_each_file_has_its_hash() -> None:
    listed = (FOLDER / "README.txt").read_text().partition("sha256\n")[2].split("\n")
    expected = {name: digest for digest, name in (line.split() for line in listed if line)}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob("*.js")}
    assert found == expected
