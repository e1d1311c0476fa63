# SPDX-License-Identifier: BSD-3-Clause
"""Lays out the package of each ecosystem, with its files at the root."""

import gzip
import hashlib
import io
import json
import re
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

from tracing import evidence, matrix, promises

from . import amalgam, bill, product

# Stand in manifests for the place where the project is published.
HOST = "fmemp.invalid"
HOME = f"https://{HOST}"
SUMS = "SHA256SUMS"
COMMIT = "COMMIT"  # in an archive: the commit that it is of
TREE = ("arch", "include", "lib", "ports", "LICENSE", "CHANGELOG.md")


class LayoutError(Exception):
    """A package cannot be laid out."""


class Layout:
    """One package in the making: a folder, which must be empty, and what it is made from."""

    def __init__(self, folder, home, root=product.ROOT, report=None, is_changed=False):
        self.folder, self.home, self.root = folder, home.rstrip("/"), root
        self.report = report
        self.is_changed = is_changed  # the tree may have changes that are not committed
        self.host = re.sub(r"^\w+://|/.*", "", self.home)
        self.version = product.version(root)
        self.manifests = []  # files that name the home

    def add(self, source, name=None):
        """Copies a file or a folder of the tree."""
        target = self.folder / (name or source)
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (self.root / source).is_dir() else shutil.copy
        copy(self.root / source, target)

    def add_manifest(self, source, name=None):
        """Copies a file or a folder that names the home."""
        self.add(source, name)
        target = self.folder / (name or source)
        self.manifests += [path for path in (target, *target.rglob("*")) if path.is_file()]

    def add_tree(self):
        for name in TREE:
            self.add(name)

    def add_manifests(self, ecosystem, **places):
        """Copies the files of integrations/ECOSYSTEM to the root, or as `places` says."""
        here = self.root / "integrations" / ecosystem
        for path in sorted(here.iterdir()):
            if path.suffix != ".c":
                self.add_manifest(path.relative_to(self.root),
                                  places.get(path.name.split(".")[0], path.name))

    def add_heap(self, ecosystem):
        """Copies the file that replaces a kernel's heap, where the tree has it."""
        for path in sorted((self.root / "integrations" / ecosystem).glob("*.c")):
            self.add(path.relative_to(self.root))
        self.add("integrations/locked_heap.h")

    def add_two_files(self, header_folder, source_folder):
        for name, text in amalgam.two_files("fmemp", self.root).items():
            folder = self.folder / (header_folder if name.endswith(".h") else source_folder)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def finish(self):
        """Puts the home into every manifest, and makes links of pages lead there."""
        for path in self.manifests:
            made = path.read_text(encoding="utf-8")
            made = made.replace(HOME, self.home).replace(f"@{HOST}", f"@{self.host}")
            if path.suffix == ".md":
                made = re.sub(r"\]\((?:\.\./)+", f"]({self.home}/", made)
            path.write_text(made, encoding="utf-8")


# ---- ecosystems ----------------------------------------------------------------------------

def zephyr(layout):
    layout.add_tree()
    for name in ("module.yml", "CMakeLists.txt", "Kconfig"):
        layout.add_manifest(f"integrations/zephyr/{name}", f"zephyr/{name}")
    layout.add_manifest("integrations/zephyr/README.md", "README.md")
    layout.add_heap("zephyr")


def esp_idf(layout):
    layout.add_manifests("esp_idf")
    layout.add_two_files("include", ".")
    for name in ("LICENSE", "CHANGELOG.md", "ports/freertos", "ports/interrupts"):
        layout.add(name)


def platformio(layout):
    layout.add_tree()
    layout.add_manifests("platformio")


# Sketches are C++, and have Arduino's type u16 already, which is another type on an AVR.
ARDUINO_HEADER = """#include "fmemp_options.h"
#ifdef __cplusplus
#define u16 fmemp_u16
#endif
{text}#ifdef __cplusplus
#undef u16
#endif
"""


def arduino(layout):
    layout.add_manifests("arduino", fmemp_options="src/fmemp_options.h")
    layout.add_two_files("src", "src")
    header = layout.folder / "src" / "fmemp.h"
    text = header.read_text(encoding="utf-8")
    header.write_text(ARDUINO_HEADER.format(text=text), encoding="utf-8")
    for name in ("LICENSE", "CHANGELOG.md"):
        layout.add(name)


def cmsis_pack(layout):
    layout.add_tree()
    layout.add_manifests("cmsis_pack")
    layout.finish()  # before it is packed
    pack = layout.folder / f"fmemp.fmemp.{layout.version}.pack"
    files = sorted(path for path in layout.folder.rglob("*") if path.is_file())
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.writestr(zipfile.ZipInfo(str(path.relative_to(layout.folder))),
                             path.read_bytes(), zipfile.ZIP_DEFLATED)


def rt_thread(layout):
    layout.add_tree()
    layout.add_manifests("rt_thread", package="index/package.json", Kconfig="index/Kconfig")
    layout.add_heap("rt_thread")


def nuttx(layout):
    layout.add_tree()
    layout.add_manifests("nuttx")
    layout.add_heap("nuttx")


def debian(layout):
    archive = layout.folder / f"fmemp_{layout.version}.orig.tar.gz"
    archive.write_bytes(archive_of(layout))
    for name in tracked_files(layout.root):
        layout.add(name, f"fmemp-{layout.version}/{name}")
    for path in (layout.root / "integrations" / "debian").iterdir():
        if path.name != "README.md":
            layout.add_manifest(path.relative_to(layout.root),
                                f"fmemp-{layout.version}/debian/{path.name}")


def meson(layout):
    source = archive_of(layout)
    (layout.folder / "packagecache").mkdir()
    (layout.folder / "packagecache" / f"fmemp-{layout.version}.tar.gz").write_bytes(source)
    layout.add_manifest("integrations/meson/fmemp.wrap", "fmemp.wrap")
    wrap = (layout.folder / "fmemp.wrap").read_text(encoding="utf-8")
    layout.write("fmemp.wrap", wrap.replace("@VERSION@", layout.version)
                 .replace("@HASH@", hashlib.sha256(source).hexdigest()))


def source(layout):
    """The release: the tree itself, which Conan, vcpkg and CMake build; the two files; the matrix
    of promises; the report of a bench/run, if there is one; what they are made of; and the hash of
    each."""
    beside = {name: text.encode() for subject in amalgam.SUBJECTS
              for name, text in amalgam.two_files(subject, layout.root).items()}
    traced = matrix.Matrix(promises.all_promises(layout.root), evidence.everything(layout.root))
    beside[f"fmemp-{layout.version}-promises.html"] = traced.page().encode()
    if layout.report:
        beside[f"fmemp-{layout.version}-report.html"] = layout.report.read_bytes()
    members = members_of(layout)
    release = bill.Release(layout.version, members[COMMIT].decode().strip(), layout.home,
                           f"{product.date(layout.root)}T00:00:00Z", archive_of(layout), members,
                           beside)
    published = {release.archive_name: release.archive, **beside}
    for kind, made in (("cdx", bill.cyclonedx), ("vex.cdx", bill.vex), ("spdx", bill.spdx)):
        text = json.dumps(made(release), indent=1, sort_keys=True) + "\n"
        published[f"fmemp-{layout.version}.{kind}.json"] = text.encode()
    published[SUMS] = sums_of(published, layout.version)
    for name, content in published.items():
        (layout.folder / name).write_bytes(content)


ECOSYSTEMS = {function.__name__: function for function in
              (zephyr, esp_idf, platformio, arduino, cmsis_pack, rt_thread, nuttx, debian, meson,
               source)}


# ---- archives ------------------------------------------------------------------------------

def tracked_files(root):
    """The files of the tree, without what was made in it: what git knows, or in an archive all."""
    if not (root / ".git").exists():
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()
                      and path != root / SUMS
                      and not re.search(r"/(?:build|__pycache__)/", f"/{path.relative_to(root)}"))
    return sorted(name for name in git(root, "ls-files", "-z").split("\0")
                  if name and (root / name).is_file())


def git(root, *words):
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, encoding="utf-8",
                          check=False)
    if done.returncode != 0:
        raise LayoutError(done.stderr.strip())
    return done.stdout


def commit_of(layout):
    """The commit of the tree, in words; an archive knows its own."""
    if not (layout.root / ".git").exists():
        if not (layout.root / COMMIT).is_file():
            raise LayoutError(f"{layout.root} is no repository, and no archive with {COMMIT}")
        return (layout.root / COMMIT).read_text(encoding="utf-8").strip()
    commit = git(layout.root, "rev-parse", "HEAD").strip()
    changed = git(layout.root, "status", "--porcelain", "--untracked-files=no").splitlines()
    if changed and not layout.is_changed:
        raise LayoutError(f"{len(changed)} files have changes that are not committed, such as "
                          f"{changed[0][3:]}: commit them, or say --changed")
    return commit + (", with changes that are not committed" if changed else "")


def sums_of(files, version):
    """What `sha256sum -c` reads: the version in a comment, and the hash of each file."""
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}"
             for name, content in sorted(files.items())]
    return "\n".join([f"# fmemp {version}", *lines, ""]).encode()


def members_of(layout):
    """{name: bytes} of the archive: the files of the tree, their commit, and the hash of each."""
    files = {name: (layout.root / name).read_bytes() for name in tracked_files(layout.root)}
    files[COMMIT] = f"{commit_of(layout)}\n".encode()
    return files | {SUMS: sums_of(files, layout.version)}


def archive_of(layout):
    """A .tar.gz of the tree: the same bytes for the same tree."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in sorted(members_of(layout).items()):
            entry = tarfile.TarInfo(f"fmemp-{layout.version}/{name}")
            entry.size = len(content)
            entry.mtime = product.seconds(layout.root)
            entry.mode = 0o755 if is_executable(layout.root / name) else 0o644
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), mtime=0)


def is_executable(path):
    return path.is_file() and bool(path.stat().st_mode & 0o100)


def lay_out(ecosystem, folder, home=HOME, root=product.ROOT, report=None, is_changed=False):
    """Makes the package in a folder that is empty or new."""
    if ecosystem not in ECOSYSTEMS:
        raise LayoutError(f"{ecosystem}: none of {', '.join(sorted(ECOSYSTEMS))}")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise LayoutError(f"{folder} is not empty")
    layout = Layout(folder, home, root, report, is_changed)
    ECOSYSTEMS[ecosystem](layout)
    layout.finish()
