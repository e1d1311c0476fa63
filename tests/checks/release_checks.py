# SPDX-License-Identifier: BSD-3-Clause
"""A release, as tools/release makes it: the same bytes everywhere, bills of materials that are
valid, licences in each file, and an archive that suffices to build and test."""

import hashlib
import json
import os
import re
import shutil
import tarfile
import tempfile
from contextlib import contextmanager
from pathlib import Path

from package_checks import HOME, product, released
from report import BUILD, ROOT, run

SCHEMAS = "@cyclonedx/cyclonedx-library@10.3.0"  # of npm; its schemas refer to each other
REPORT = ("--report", ROOT / "README.md")  # stands for the page of a bench/run


@contextmanager
def unpacked(result):
    """The folder of a release, and the tree of its archive."""
    with released(result, "source", *REPORT) as release:
        with tarfile.open(release / f"fmemp-{product.version()}.tar.gz") as archive:
            archive.extractall(release.parent)
        yield release, release.parent / f"fmemp-{product.version()}"


# ---- the same bytes ------------------------------------------------------------------------

# Another clock, locale, encoding, order of sets, time zone and umask.
ELSEWHERE = r"""umask 077
export LC_ALL=POSIX PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 PYTHONHASHSEED=7 TZ=Pacific/Apia HOME=/
exec {user} faketime '2031-05-06 07:08:09' '{tree}/tools/release' --home {home} \
    --report '{tree}/README.md' source '{folder}'
"""


def release_is_the_same_elsewhere(result):
    """Made again from its own archive: by another user, in a folder of another name, and so on."""
    with unpacked(result) as (release, tree):
        place = release.parent / "another place"
        shutil.move(tree, place)
        made = release.parent / "made" / "again"
        made.mkdir(parents=True)
        user = ""
        if os.getuid() == 0:
            user = "setpriv --reuid=65534 --regid=65534 --clear-groups"
            for folder in (release.parent, made):
                os.chown(folder, 65534, 65534)
        else:
            result.note("not root: the release was made again by the same user")
        done = run("sh", "-c", ELSEWHERE.format(user=user, tree=place, home=HOME, folder=made))
        names = sorted(path.name for path in release.iterdir())
        result.check(done.ok and names == sorted(path.name for path in made.iterdir()),
                     f"release made elsewhere: {names}", done.tail())
        for name in names if done.ok else []:
            result.check((release / name).read_bytes() == (made / name).read_bytes(),
                         f"{name}: the same bytes elsewhere")


# ---- what it says about itself -------------------------------------------------------------

def sums_are_right(result, folder):
    """SHA256SUMS names each other file of the folder, and its hash."""
    done = run("sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS", cwd=folder)
    result.check(done.ok, "SHA256SUMS", done.tail())
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    named = {line.split("  ", 1)[1] for line in lines[1:]}
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    result.check(lines[0] == f"# fmemp {product.version()}" and named == found - {"SHA256SUMS"},
                 f"SHA256SUMS of {folder.name}: {sorted(named ^ found)}")


def schema_folder(result):
    """The schemas of CycloneDX, from npm, kept in the build folder. None: not to be had."""
    folder = BUILD / "cyclonedx"
    if not (folder / "package").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.which("npm") is None:
            run(ROOT / "tools" / "install", "npm")
        done = run("sh", "-c", f"npm pack --silent {SCHEMAS} && tar -xzf ./*.tgz", cwd=folder)
        if not result.check(done.ok, f"npm pack {SCHEMAS}", done.tail()):
            return None
    return folder / "package" / "res" / "schema"


class Schema:
    def __init__(self, folder):
        from jsonschema import Draft7Validator, FormatChecker, RefResolver  # not in each run's set

        schema = json.loads((folder / "bom-1.6.SNAPSHOT.schema.json").read_text())
        others = {f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json":
                  json.loads((folder / f"{name}.SNAPSHOT.schema.json").read_text())
                  for name in ("spdx", "jsf-0.82", "cryptography-defs")
                  if (folder / f"{name}.SNAPSHOT.schema.json").is_file()}
        self.validator = Draft7Validator(schema, format_checker=FormatChecker(),
                                         resolver=RefResolver.from_schema(schema, store=others))

    def errors(self, document):
        return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
                for error in self.validator.iter_errors(document)]


def cyclonedx_is_valid(result):
    """Both documents fit the schema; a document with a mistake does not. The hashes are those of
    the files, a report among them."""
    folder = schema_folder(result)
    if folder is None:
        return
    schema = Schema(folder)
    with released(result, "source", *REPORT) as release:
        bill, vex = (json.loads((release / f"fmemp-{product.version()}.{kind}.json").read_text())
                     for kind in ("cdx", "vex.cdx"))
        for name, document in (("bill", bill), ("VEX", vex)):
            errors = schema.errors(document)
            result.check(not errors and document["bomFormat"] == "CycloneDX" and
                         document["specVersion"] == "1.6", f"CycloneDX schema, {name}",
                         "\n".join(errors))
        wrong = json.loads(json.dumps(vex))
        wrong["vulnerabilities"][0]["analysis"]["state"] = "unaffected"
        result.check(schema.errors(wrong), "the schema refuses a wrong state")
        result.check(schema.errors(bill | {"serialNumber": "1"}), "it refuses a wrong number")
        for part in bill["components"]:
            result.check(part["hashes"][0]["content"] == hashlib.sha256(
                (release / part["name"]).read_bytes()).hexdigest(), f"hash of {part['name']}")
        named = {part["name"] for part in bill["components"]}
        for page in ("report", "promises"):
            result.check(f"fmemp-{product.version()}-{page}.html" in named, f"the page {page}")
        found = {path.name for path in release.iterdir()}
        result.check({name for name in found if not name.endswith((".json", "SUMS"))} == named,
                     f"components: {sorted(named)}")


REQUIRED = {"document": {"spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace",
                         "creationInfo", "packages", "files", "relationships"},
            "package": {"SPDXID", "name", "versionInfo", "supplier", "downloadLocation",
                        "packageVerificationCode", "licenseConcluded", "licenseDeclared",
                        "copyrightText", "checksums"}}


def spdx_faults(document, tree):
    """What SPDX 2.3 asks for and the document lacks. This is a checker of our own: there is no
    schema of SPDX 2.3 in Debian."""
    package = document["packages"][0]
    yield from (f"document: no {name}" for name in REQUIRED["document"] - set(document))
    yield from (f"package: no {name}" for name in REQUIRED["package"] - set(package))
    identifiers = [document["SPDXID"], package["SPDXID"],
                   *(entry["SPDXID"] for entry in document["files"])]
    if len(set(identifiers)) != len(identifiers):
        yield "identifiers are not unique"
    yield from (f"identifier {name}" for name in identifiers
                if not re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", name))
    if document["spdxVersion"] != "SPDX-2.3" or document["dataLicense"] != "CC0-1.0":
        yield "version or licence of the document"
    if not re.fullmatch(r"\d{4}(-\d\d){2}T\d\d(:\d\d){2}Z", document["creationInfo"]["created"]):
        yield "creation time"
    sums = {}
    for entry in document["files"]:
        content = (tree / entry["fileName"]).read_bytes()
        sums[entry["fileName"]] = hashlib.sha1(content).hexdigest()
        values = {one["algorithm"]: one["checksumValue"] for one in entry["checksums"]}
        if values != {"SHA1": sums[entry["fileName"]],
                      "SHA256": hashlib.sha256(content).hexdigest()}:
            yield f"checksums of {entry['fileName']}"
    if set(sums) != {f"./{path.relative_to(tree)}" for path in tree.rglob("*") if path.is_file()}:
        yield "files of the archive"
    code = hashlib.sha1("".join(sorted(sums.values())).encode()).hexdigest()
    if package["packageVerificationCode"]["packageVerificationCodeValue"] != code:
        yield "verification code"
    for relation in document["relationships"]:
        if not {relation["spdxElementId"], relation["relatedSpdxElement"]} <= set(identifiers):
            yield f"relationship {relation}"
    if not any(relation["relationshipType"] == "DESCRIBES"
               for relation in document["relationships"]):
        yield "nothing is described"


def contents_are_as_listed(result):
    """Hashes, SPDX, and licence and copyright of each file, as REUSE asks. A changed file is found,
    and a source of the library without either line."""
    with unpacked(result) as (release, tree):
        sums_are_right(result, release)
        sums_are_right(result, tree)
        path = release / f"fmemp-{product.version()}.spdx.json"
        document = json.loads(path.read_text())
        faults = list(spdx_faults(document, tree))
        result.check(not faults, "SPDX", "\n".join(faults))
        page = (release / f"fmemp-{product.version()}-promises.html").read_text()
        result.check('id="T1"' in page and product.version() in page, "the page of promises")
        done = run("reuse", "--root", tree, "lint")
        result.check(done.ok and "ERROR" not in done.output, "reuse lint", done.tail())
        (tree / "LICENSE").write_text("another")
        result.check("checksums of ./LICENSE" in spdx_faults(document, tree),
                     "the checker finds a changed file")
        (tree / "lib" / "core" / "bare.c").write_text("int bare;\n")
        result.check(not run("reuse", "--root", tree, "lint").ok, "reuse finds a bare file")


def commit_is_named(result):
    """The archive and both bills name the commit. A change that is not committed stops the command;
    with --changed it is named. A tree without a commit is refused."""
    with tempfile.TemporaryDirectory() as name:
        tree, made = Path(name) / "tree", Path(name) / "made"
        tree.mkdir()
        copied = run("sh", "-c", f"git ls-files -z | xargs -0 cp --parents -t '{tree}'")
        result.check(copied.ok, "copy of the tree", copied.tail())
        refused = run(tree / "tools/release", *REPORT, "source", made)
        result.check(not refused.ok and "COMMIT" in refused.output, "a tree without a commit",
                     refused.tail())
        shutil.rmtree(made, ignore_errors=True)
        run("git", "-c", "init.defaultBranch=main", "init", "-q", cwd=tree)
        run("git", "add", "-A", cwd=tree)
        run("git", "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "All",
            cwd=tree)
        commit = run("git", "rev-parse", "HEAD", cwd=tree).output.splitlines()[-1]
        names_commit(result, tree, made, commit)
        with (tree / "README.md").open("a") as file:
            file.write("\nmore\n")
        refused = run(tree / "tools/release", *REPORT, "source", made)
        result.check(not refused.ok and "README.md" in refused.output and not any(made.iterdir()),
                     "a tree with a change", refused.tail())
        names_commit(result, tree, made, commit + ", with changes that are not committed",
                     "--changed")


def names_commit(result, tree, made, commit, *options):
    done = run(tree / "tools/release", *options, *REPORT, "source", made)
    if not result.check(done.ok, f"release of {commit}", done.tail()):
        return
    prefix = f"fmemp-{product.version()}"
    with tarfile.open(made / f"{prefix}.tar.gz") as archive:
        text = archive.extractfile(f"{prefix}/COMMIT").read().decode()
    bill = json.loads((made / f"{prefix}.cdx.json").read_text())
    spdx = json.loads((made / f"{prefix}.spdx.json").read_text())
    result.check(text == commit + "\n", f"COMMIT is {text}")
    uid = bill["metadata"]["component"]["pedigree"]["commits"][0]["uid"]
    result.check(uid == commit and commit in spdx["packages"][0]["sourceInfo"],
                 f"bills of materials name {uid}")
    shutil.rmtree(made)


# ---- the archive alone ---------------------------------------------------------------------

def archive_suffices(result):
    """Who has only the archive compiles and tests the library."""
    with unpacked(result) as (_, tree):
        for name, command in (
                ("compile", "cd lib && cc -O2 -I../include -c */*.c && rm ./*.o"),
                ("test", "meson setup build/plain -Dbenchmarks=disabled && "
                         "meson test -C build/plain free")):
            done = run("sh", "-c", command, cwd=tree)
            result.check(done.ok, f"{name} from the archive", done.tail())
