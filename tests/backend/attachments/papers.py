"""PDFs as people send them, and as people send them who mean harm."""

import io
import zipfile
import zlib

from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject


def pdf(pages: int = 1) -> bytes:
    """A small whole PDF."""
    return _written(_writer(pages))


def _writer(pages: int) -> PdfWriter:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=595, height=842)
    return writer


def _written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def locked() -> bytes:
    """One that asks for a password."""
    writer = _writer(1)
    writer.encrypt("secret", algorithm="RC4-128")
    return _written(writer)


def scripted() -> bytes:
    """One that runs JavaScript when it is opened."""
    opens = b"/OpenAction << /S /JavaScript /JS (app.alert('hello')) >>"
    return built(b"<< /Type /Catalog /Pages 2 0 R %s >>" % opens, *PAGES)


def launching(action: str = "/Launch") -> bytes:
    """One that starts a program when it is opened."""
    writer = _writer(1)
    opens = DictionaryObject({NameObject("/S"): NameObject(action), NameObject("/F"): TextStringObject("cmd.exe")})
    writer.root_object[NameObject("/OpenAction")] = opens
    return _written(writer)


def built(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1; the first one is its catalogue."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, start)
    return bytes(out)


PAGES = (b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>")


def hidden_script() -> bytes:
    """One whose script's names are written with escapes."""
    return built(b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /Java#53cript /#4aS (x) >> >>", *PAGES)


def packed_script() -> bytes:
    """One whose script lies in a compressed object stream."""
    inside = b"4 0 << /S /JavaScript /JS (x) >>"
    packed = zlib.compress(inside)
    stream = b"<< /Type /ObjStm /N 1 /First 4 /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (
        len(packed),
        packed,
    )
    objects = [b"<< /Type /Catalog /Pages 2 0 R /OpenAction 4 0 R >>", *PAGES]
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in zip((1, 2, 3, 5), [*objects, stream], strict=True):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    rows = [b"\0" + bytes(4)]
    rows += [b"\1" + place.to_bytes(3, "big") + b"\0" for place in places[:3]]
    rows += [b"\2" + (5).to_bytes(3, "big") + b"\0", b"\1" + places[3].to_bytes(3, "big") + b"\0"]
    rows += [b"\1" + start.to_bytes(3, "big") + b"\0"]
    table = b"".join(rows)
    out += b"6 0 obj\n<< /Type /XRef /Size 7 /W [1 3 1] /Root 1 0 R /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (
        len(table),
        table,
    )
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def bomb() -> bytes:
    """One whose object stream unpacks to a gigabyte."""
    squeeze = zlib.compressobj(9)
    packed = b"".join(squeeze.compress(bytes(2**20)) for _ in range(1024)) + squeeze.flush()
    head = b"<< /Type /ObjStm /N 1 /First 4 /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed)
    return _with_table(head + packed + b"\nendstream")


def _with_table(stream: bytes) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    place = len(out)
    out += b"5 0 obj\n" + stream + b"\nendobj\n"
    start = len(out)
    rows = b"".join(b"\2" + (5).to_bytes(3, "big") + b"\0" for _ in range(5))
    table = rows + b"\1" + place.to_bytes(3, "big") + b"\0" + b"\1" + start.to_bytes(3, "big") + b"\0"
    out += b"6 0 obj\n<< /Type /XRef /Size 7 /W [1 3 1] /Root 1 0 R /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (
        len(table),
        table,
    )
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def loop() -> bytes:
    """One whose pages are each other's parents."""
    return built(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>")


def with_zip_behind() -> bytes:
    """A PDF that is an archive as well."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("run.exe", b"MZ")
        packed.comment = b"%%EOF"
    return pdf() + out.getvalue()


def with_program_before() -> bytes:
    """A program that is a PDF as well: readers look for its beginning further on."""
    return b"MZ\x90\x00" + bytes(60) + pdf()
