"""Coverage-guided fuzzing of everything that reads strangers' bytes: `./dev fuzz [TARGET] [--seconds N]`.

What may live here: the targets and starting them. What may not: what they test.

Each target runs in a process of its own, for its share of the seconds, on Atheris (libFuzzer for Python); it begins with
the sample messages that the wire tests share. A target fails when reading raises anything but its own exception, takes
longer than a second, or when what was read is not written back byte for byte. The failing input is printed as hex.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

try:
    import atheris
except ImportError:
    sys.exit("./dev fuzz needs Atheris, which is made for Linux with Python 3.11 to 3.13.")

with contextlib.redirect_stderr(io.StringIO()), atheris.instrument_imports(include=["xiaopos"]):
    from support import key_block_fuzz
    from support.chip_readers import READERS
    from support.wire_random import SPECS, sample_bodies
    from support.wire_samples import real_body, vector
    from xiaopos.wire.emv import tlv
    from xiaopos.wire.iso8583 import Codec, Spec
    from xiaopos.wire.iso8583.describing import describe
    from xiaopos.wire.iso8583.framing import FrameReader, FrameTooLong, TerminalFrame
    from xiaopos.wire.iso8583.importing import ImportFault
    from xiaopos.wire.iso8583.imports_jpos import import_jpos
    from xiaopos.wire.iso8583.imports_moov import import_moov
    from xiaopos.wire.iso8583.requirements import requirements_of
    from xiaopos.wire.iso8583.spec_file import SpecFault, dumps, loads
    from xiaopos.wire.iso8583.unionpay_terminal import TERMINAL_SPECS
    from xiaopos.wire.malformed import Malformed
    from xiaopos.wire.qr import merchant_presented
    from xiaopos.wire.reading import NotBytes, read_bytes

Target = Callable[[bytes], None]
SLOWEST_S = 1


def _message(spec: Spec) -> Target:
    codec = Codec(spec)

    def target(data: bytes) -> None:
        try:
            message = codec.decode(data)
        except Malformed:
            return
        describe(spec, message)
        if spec in TERMINAL_SPECS:
            requirements_of(message)
        if codec.encode(message) != data:
            raise AssertionError("read and written again, the message is another")

    return target


def _frames(data: bytes) -> None:
    reader = FrameReader(max_length=4096)
    half = len(data) // 2
    try:
        frames = reader.feed(data[:half]) + reader.feed(data[half:])
    except FrameTooLong:
        return
    for frame in frames:
        try:
            parsed = TerminalFrame.parse(frame)
        except Malformed:
            continue
        if parsed.encode()[2:] != frame:
            raise AssertionError("read and written again, the frame is another")


def _tlv(data: bytes) -> None:
    try:
        objects = tlv.parse(data)
    except Malformed:
        return
    if objects and tlv.build(objects) != data:  # filler alone leaves no object to carry it
        raise AssertionError("read and written again, the objects are others")


def _chip_and_codes(data: bytes) -> None:
    """The first byte chooses the reader."""
    if not data:
        return
    reading, _ = tuple(READERS.values())[data[0] % len(READERS)]
    body = data[1:]
    try:
        reading(body)
    except Malformed as fault:
        if fault.offset is not None and not 0 <= fault.offset <= len(body):
            raise AssertionError("a fault outside of what was read") from fault


def _reading(data: bytes) -> None:
    try:
        read_bytes(data)
    except NotBytes:
        return


def _shop_code(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for payload in (text, f"{text}6304{merchant_presented.crc(f'{text}6304')}"):
        try:
            code = merchant_presented.parse(payload)
        except Malformed:
            continue
        if code.text() != payload[:-4] + payload[-4:].upper():
            raise AssertionError("read and written again, the code is another")


def _spec_file(data: bytes) -> None:
    try:
        spec = loads(data)
    except SpecFault:
        return
    if loads(dumps(spec)) != spec:
        raise AssertionError("written and read again, the spec is another")


def _imports(data: bytes) -> None:
    for importer in (import_jpos, import_moov):
        try:
            importer(data)
        except ImportFault:
            continue


def _slug(spec: Spec) -> str:
    return "iso8583-" + "-".join("".join(letter if letter.isalnum() else " " for letter in spec.name.lower()).split())


def targets() -> dict[str, tuple[Target, list[bytes]]]:
    """Every target by name, with the inputs it begins with."""
    samples = sample_bodies()
    found: dict[str, tuple[Target, list[bytes]]] = {}
    for spec in SPECS:
        found[_slug(spec)] = (_message(spec), [body for owner, body in samples if owner is spec])
    frame = bytes.fromhex(vector("unionpay_real_qr_sale_mac.json")["frame_hex"])
    small = dumps(Spec("small", SPECS[0].rows[:3])).encode()
    table = b'<isopackager><isofield id="3" length="6" name="x" class="org.jpos.iso.IFB_NUMERIC"/></isopackager>'
    found["frames"] = (_frames, [frame, real_body()])
    found["tlv"] = (_tlv, [bytes.fromhex("9F2608A1A2A3A4A5A6A7A89F3602001A7004820200018400")])
    found["chip-and-codes"] = (
        _chip_and_codes,
        [bytes((at,)) + sound for at, (_, sound) in enumerate(READERS.values())],
    )
    found["reading"] = (_reading, [frame, frame.hex().encode(), *(body for _, body in samples[:60:5])])
    found["shop-code"] = (_shop_code, [b"0002010102115204599953031565802CN5903TEA6003SHA"])
    found["spec-file"] = (_spec_file, [small, dumps(Spec("small", SPECS[0].rows[:3]), form="json").encode()])
    found["imports"] = (_imports, [table, b'{"fields": {"2": {"type": "String", "length": 19, "enc": "ASCII"}}}'])
    found["key-block"] = (key_block_fuzz.key_block, key_block_fuzz.seeds())
    return found


def run_one(name: str, seconds: int) -> None:
    """Fuzz one target in this process; Atheris ends the process."""
    target, seeds = targets()[name]
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(seeds):
            (Path(folder) / str(number)).write_bytes(seed)

        def guarded(data: bytes) -> None:
            try:
                target(data)
            except BaseException:
                print(f"{name}: this input fails: {data.hex()}", file=sys.stderr)
                raise

        options = [f"-max_total_time={seconds}", f"-timeout={SLOWEST_S}", "-max_len=2048", "-verbosity=0"]
        atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={folder}/", folder], guarded)
        atheris.Fuzz()


def run(names: Iterable[str], seconds: int) -> int:
    """Fuzz the targets one after the other, each in its own process; 1 when one failed."""
    chosen = list(names)
    share = max(1, seconds // len(chosen))
    failed = []
    for name in chosen:
        print(f"{name}: {share} s", flush=True)
        command = [sys.executable, "-m", "devtools.fuzz", name, "--here", "--seconds", str(share)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            failed.append(name)
            print(done.stdout + done.stderr)
    print(
        f"{len(chosen) - len(failed)} of {len(chosen)} targets held" + (f"; not: {', '.join(failed)}" if failed else "")
    )
    return 1 if failed else 0


def main() -> int:
    """Run what was asked for; 0, 1 when a target failed."""
    parser = argparse.ArgumentParser(prog="./dev fuzz")
    parser.add_argument("target", nargs="?", choices=sorted(targets()), help="one target; all when none is named")
    parser.add_argument("--seconds", type=int, default=120, help="for all targets together (default 120)")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        run_one(options.target, options.seconds)
    return run([options.target] if options.target else sorted(targets()), options.seconds)


if __name__ == "__main__":
    sys.exit(main())
