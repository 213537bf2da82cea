"""Takes one file out of a multipart form while it comes in, so that neither memory nor a temporary folder holds it twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import HTTPException, Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from patrol.cases.attachments import AttachmentError, Incoming, too_large
from patrol.registry.cases import Attachments

COMMAND_BYTES = 2_000_000
"""The largest body of a request that is no upload."""
UPLOAD_BYTES = 300 * 2**20
"""The largest body of an upload, whatever it is; what each takes is checked while it is read, and is less."""
FIELD = "file"
ONE_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FIELD],
                    "properties": {FIELD: {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
"""The form, for the OpenAPI document: it is read piece by piece, so FastAPI does not see it."""
_MIB = 1024 * 1024
_AROUND = 64 * 1024
"""Bytes that a form may have besides its file: boundaries and headers."""
_UPLOAD_S = 300.0
"""A whole upload may take so long; 20 MiB do at 0.6 Mbit/s."""
_STATUS = {"too_large": 413, "kind": 415, "name": 415, "macros": 415, "too_many": 409, "no_case": 404}


def refused(error: AttachmentError) -> HTTPException:
    """The answer to a file that is not kept."""
    return HTTPException(_STATUS.get(error.why, 422), str(error))


@asynccontextmanager
async def one_file(request: Request, data_folder: Path, limits: Attachments) -> AsyncIterator[Incoming]:
    """The file of a form, whole; its temporary file is gone when this is left, whatever happens.

    Raises:
        HTTPException: 400 the upload broke off, 408 it took too long, 413 too large, 422 it is not one file named ``file``.
        AttachmentError: it is too large.
    """
    most = limits.max_mib * _MIB + _AROUND
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        raise too_large(limits)
    async with AsyncExitStack() as kept:
        try:
            async with asyncio.timeout(_UPLOAD_S):
                incoming = await _read(request, data_folder, limits, most, kept)
        except TimeoutError:
            raise HTTPException(408, f"the upload took longer than {_UPLOAD_S:g} s; nothing of it is kept") from None
        except ClientDisconnect:
            raise HTTPException(400, "the upload broke off; nothing of it is kept") from None
        except FormParserError as error:
            raise HTTPException(422, f"the form cannot be read: {error}") from None
        yield incoming


async def whole_file(request: Request, most: int) -> bytes:
    """The file of a form, in memory: for what is small and not kept.

    Args:
        request: a form with one file.
        most: bytes it may have.

    Raises:
        HTTPException: 400 the upload broke off, 408 it took too long, 413 too large, 422 it is not one file named ``file``.
    """
    announced = request.headers.get("content-length", "")
    too_much = HTTPException(413, f"the file is larger than {most // _MIB} MiB")
    if announced.isdecimal() and int(announced) > most + _AROUND:
        raise too_much
    form, read, pieces = _Form(request.headers.get("content-type", "")), 0, []
    try:
        async with asyncio.timeout(_UPLOAD_S):
            async for chunk in request.stream():
                read += len(chunk)
                if read > most + _AROUND:
                    raise too_much
                form.write(chunk)
                pieces += form.take()
    except TimeoutError:
        raise HTTPException(408, f"the upload took longer than {_UPLOAD_S:g} s") from None
    except ClientDisconnect:
        raise HTTPException(400, "the upload broke off") from None
    except FormParserError as error:
        raise HTTPException(422, f"the form cannot be read: {error}") from None
    if form.name is None or not form.ended:
        raise _not_one()
    return b"".join(pieces)


async def _read(request: Request, data_folder: Path, limits: Attachments, most: int, kept: AsyncExitStack) -> Incoming:
    form = _Form(request.headers.get("content-type", ""))
    incoming: Incoming | None = None
    read = 0
    async for chunk in request.stream():
        read += len(chunk)
        if read > most:
            raise too_large(limits)
        form.write(chunk)
        if incoming is None and form.name is not None:
            incoming = kept.enter_context(await run_in_threadpool(Incoming, data_folder, form.name, limits))
        if incoming is not None:
            for piece in form.take():
                await run_in_threadpool(incoming.write, piece)
    if incoming is None or not form.ended:
        raise _not_one()
    return incoming


class _Form:
    """Finds the one part that is wanted.

    Args:
        content_type: of the request.
    """

    def __init__(self, content_type: str) -> None:
        media_type, options = parse_options_header(content_type)
        if media_type != b"multipart/form-data" or not options.get(b"boundary"):
            raise HTTPException(415, "send it as multipart/form-data, with the file in a part named `file`")
        self.name: str | None = None
        self.ended = False
        self._pieces: list[bytes] = []
        self._field, self._value = b"", b""
        self._headers: dict[bytes, bytes] = {}
        self._parser = MultipartParser(
            options[b"boundary"],
            {
                "on_header_field": self._on_field,
                "on_header_value": self._on_value,
                "on_header_end": self._on_header,
                "on_headers_finished": self._on_part,
                "on_part_data": self._on_data,
                "on_end": self._on_end,
            },
        )

    def write(self, chunk: bytes) -> None:
        """Read on."""
        self._parser.write(chunk)

    def take(self) -> list[bytes]:
        """The file's bytes that have come since it was asked last."""
        pieces, self._pieces = self._pieces, []
        return pieces

    def _on_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header(self) -> None:
        self._headers[self._field.lower()] = self._value
        self._field, self._value = b"", b""

    def _on_part(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._headers = {}
        if self.name is not None or options.get(b"name") != FIELD.encode() or b"filename" not in options:
            raise _not_one()
        self.name = options[b"filename"].decode("utf-8", "replace")

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        self._pieces.append(data[start:end])

    def _on_end(self) -> None:
        self.ended = True


def _not_one() -> HTTPException:
    return HTTPException(422, "send exactly one file, in a part named `file`, and nothing else")
