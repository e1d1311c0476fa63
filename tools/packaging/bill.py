# SPDX-License-Identifier: BSD-3-Clause
"""What a release says about itself for machines: bills of materials as CycloneDX 1.6 and SPDX 2.3,
and VEX: known vulnerabilities of other allocators that are none of fmemp's."""

import hashlib
import uuid
from dataclasses import dataclass

AUTHORS = "the fmemp authors"
LICENCE = "BSD-3-Clause"
COPYRIGHT = f"2026 {AUTHORS}"
DESCRIPTION = "A real-time memory allocator for firmware"


@dataclass(frozen=True)
class Release:
    """commit: in words. date: ISO 8601, UTC. archive: the bytes of the .tar.gz. members: {name:
    bytes} of what is in it. beside: {name: bytes} of what is published with it."""
    version: str
    commit: str
    home: str
    date: str
    archive: bytes
    members: dict
    beside: dict

    @property
    def archive_name(self):
        return f"fmemp-{self.version}.tar.gz"

    @property
    def package_url(self):
        return f"pkg:generic/fmemp@{self.version}"

    @property
    def unique(self):
        """A name that no other archive has, and this one always."""
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{self.home}#{digest('sha256', self.archive)}")


def digest(algorithm, content):
    return hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()


# ---- CycloneDX -----------------------------------------------------------------------------

def hashes(content):
    return [{"alg": "SHA-256", "content": digest("sha256", content)}]


def component(release):
    return {
        "type": "library", "bom-ref": release.package_url, "name": "fmemp",
        "version": release.version, "description": DESCRIPTION,
        "supplier": {"name": AUTHORS}, "copyright": COPYRIGHT,
        "licenses": [{"license": {"id": LICENCE}}], "purl": release.package_url,
        "hashes": hashes(release.archive), "pedigree": {"commits": [{"uid": release.commit}]},
        "externalReferences": [{"type": "website", "url": release.home}]}


def document(release, about):
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "serialNumber": f"urn:uuid:{uuid.uuid5(release.unique, about)}",
        "metadata": {"timestamp": release.date,
                     "tools": {"components": [{"type": "application", "name": "tools/release",
                                               "version": release.version}]},
                     "authors": [{"name": AUTHORS}], "component": component(release)}}


def cyclonedx(release):
    """fmemp depends on nothing. Its components are the files that are published."""
    published = {release.archive_name: release.archive, **release.beside}
    return document(release, "components") | {
        "components": [{"type": "file", "bom-ref": f"file:{name}", "name": name,
                        "hashes": hashes(content)} for name, content in sorted(published.items())],
        "dependencies": [{"ref": release.package_url, "dependsOn": []}]}


# Scanners find these by words such as "heap" or "malloc": {name: (where it is, why not here)}.
ELSEWHERE = {
    "CVE-2021-3420": (
        "memalign and its kin in newlib before 4.0.0, whose sizes wrap around",
        "Sizes are compared with the largest request before any arithmetic; "
        "tests/core/test_memalign.c and test_out_of_memory.c try those that would wrap around."),
    "CVE-2021-32020": (
        "heap management of the FreeRTOS kernel before 10.4.3",
        "integrations/freertos takes the place of the kernel's heap, and holds no code of it."),
}


def vex(release):
    return document(release, "vulnerabilities") | {
        "vulnerabilities": [
            {"id": name, "source": {"name": "NVD"}, "description": where,
             "analysis": {"state": "not_affected", "justification": "code_not_present",
                          "detail": f"fmemp holds no code of another allocator. {why}"},
             "affects": [{"ref": release.package_url}]}
            for name, (where, why) in sorted(ELSEWHERE.items())]}


# ---- SPDX ----------------------------------------------------------------------------------

def file_entry(number, name, content):
    return {"SPDXID": f"SPDXRef-File-{number}", "fileName": f"./{name}",
            "checksums": [{"algorithm": "SHA1", "checksumValue": digest("sha1", content)},
                          {"algorithm": "SHA256", "checksumValue": digest("sha256", content)}],
            "licenseConcluded": LICENCE, "copyrightText": COPYRIGHT}


def verification_code(files):
    """As SPDX 2.3 defines it: the SHA-1 of the files' SHA-1, sorted and joined."""
    sums = sorted(entry["checksums"][0]["checksumValue"] for entry in files)
    return digest("sha1", "".join(sums).encode())


def spdx(release):
    """Each file of the archive, with its hashes."""
    files = [file_entry(number, name, content)
             for number, (name, content) in enumerate(sorted(release.members.items()), 1)]
    package = {
        "SPDXID": "SPDXRef-fmemp", "name": "fmemp", "versionInfo": release.version,
        "supplier": f"Organization: {AUTHORS}", "description": DESCRIPTION,
        "downloadLocation": f"{release.home}/{release.archive_name}",
        "packageFileName": release.archive_name, "primaryPackagePurpose": "LIBRARY",
        "sourceInfo": f"git commit {release.commit}",
        "checksums": [{"algorithm": "SHA256",
                       "checksumValue": digest("sha256", release.archive)}],
        "filesAnalyzed": True,
        "packageVerificationCode": {"packageVerificationCodeValue": verification_code(files)},
        "licenseConcluded": LICENCE, "licenseDeclared": LICENCE, "copyrightText": COPYRIGHT,
        "hasFiles": [entry["SPDXID"] for entry in files],
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                          "referenceLocator": release.package_url}]}
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"fmemp-{release.version}", "documentNamespace": f"{release.home}/{release.unique}",
        "creationInfo": {"created": release.date,
                         "creators": [f"Tool: tools/release-{release.version}",
                                      f"Organization: {AUTHORS}"]},
        "packages": [package], "files": files,
        "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                           "relatedSpdxElement": "SPDXRef-fmemp"}]}
