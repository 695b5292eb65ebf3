"""What this machine's CPU is and can, as LLVM sees it."""

import ctypes
import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm

from engine.kernels.native.isa import Isa

# Linux, include/uapi/linux/auxvec.h and arch/arm64/include/uapi/asm/hwcap.h
_AT_HWCAP, _HWCAP_ASIMDDP = 16, 1 << 20
# Linux, Documentation/arch/x86/xstate.rst
_SYS_ARCH_PRCTL, _ARCH_REQ_XCOMP_PERM, _XFEATURE_XTILEDATA = 158, 0x1023, 18
_ARCHITECTURES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


@dataclass(frozen=True, slots=True)
class Host:
    """The CPU: LLVM's name for it, its architecture and features."""

    architecture: str
    cpu: str
    features: Mapping[str, bool]

    @property
    def feature_string(self) -> str:
        """All features in LLVM's syntax."""
        return ",".join(f"{'+' if present else '-'}{name}" for name, present in sorted(self.features.items()))


def this_host() -> Host:
    """Return the machine this process runs on."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    architecture = _ARCHITECTURES.get(platform.machine(), platform.machine())
    features = dict(llvm.get_host_cpu_features())
    if features.get("amx-tile") and not _amx_permitted():
        features["amx-tile"] = False
    if architecture == "aarch64":
        features |= _arm_features()
    return Host(architecture, str(llvm.get_host_cpu_name()), features)


def _amx_permitted() -> bool:
    """Ask the system for the tile unit's state; only Linux is known how to ask."""
    if platform.system() != "Linux":
        return False
    return bool(ctypes.CDLL(None).syscall(_SYS_ARCH_PRCTL, _ARCH_REQ_XCOMP_PERM, _XFEATURE_XTILEDATA) == 0)


def _arm_features() -> dict[str, bool]:
    """Return the 64-bit Arm features that LLVM does not look for on every system."""
    if platform.system() == "Darwin":
        return {"neon": True, "dotprod": True}  # every Apple CPU that runs macOS
    if platform.system() != "Linux":
        return {"neon": True}
    capabilities = ctypes.CDLL(None).getauxval(_AT_HWCAP)
    return {"neon": True, "dotprod": bool(capabilities & _HWCAP_ASIMDDP)}


def key_of(host: Host, isa: Isa) -> str:
    """Return a digest of everything the object code depends on: CPU, features, library versions, these sources."""
    digest = hashlib.sha256()
    parts = (
        isa.name,
        host.architecture,
        host.cpu,
        host.feature_string,
        platform.system(),
        llvmlite.__version__,
    )
    digest.update("\n".join((*parts, repr(llvm.llvm_version_info))).encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:24]
