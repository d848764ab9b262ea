"""A scorer over HTTP, on this machine only, with the contract of MLflow's scoring server: ``segment serve``."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pandas as pd
import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.middleware.trustedhost import TrustedHostMiddleware

from segment.errors import InvalidInput, NotReady, Refusal
from segment.parallel import single_threaded
from segment.tracking.serving import RefusedRequest, ServedScorer, refused_in_one_line

#: Nobody else's machine can ask, and no page in a browser under another name.
HOST, _HOSTS = "127.0.0.1", ["127.0.0.1", "localhost"]
#: What is taken: a page of another site cannot send this without asking first, and is not answered then.
_JSON = "application/json"
#: The longest request that is read.
MOST_BYTES = 200_000_000


@dataclass
class Service:
    """A model that is served.

    Parameters
    ----------
    scorer
        The loaded model.
    about
        What ``/health`` says: which model and version, and who decided on it; no path, no person.
    still_agreed
        Refuses when rows about single people may no longer leave.
    answered
        People and requests that were answered so far.
    """

    scorer: ServedScorer
    about: Mapping[str, object]
    still_agreed: Callable[[], None]
    answered: dict[str, int] = field(default_factory=lambda: {"requests": 0, "people": 0})

    def answer(self, body: bytes) -> str:
        """The scores of the people in a request, as JSON: ``{"predictions": [one record per person, in order]}``.

        Raises
        ------
        RefusedRequest
            In one line, without a person's value.
        """
        with refused_in_one_line():
            frame, params = read_request(body)
            scores = self.scorer.predict(None, frame, params)
            told = scores.astype(object).where(scores.notna(), None).to_dict("records")
            self.answered["requests"] += 1
            self.answered["people"] += len(scores)
            return json.dumps({"predictions": told}, allow_nan=False, default=lambda value: value.item())


def read_request(body: bytes) -> tuple[pd.DataFrame, Mapping[str, object]]:
    """People and parameters of a request, as MLflow's scoring server takes them.

    ``dataframe_records`` (or ``inputs``, ``instances``): one record per person; ``dataframe_split``: columns and rows.

    Raises
    ------
    InvalidInput
        It is not such JSON.

    Examples
    --------
    >>> read_request(b'{"dataframe_records": [{"PAY": 4, "GRO": null}]}')[0].to_dict("list")
    {'PAY': [4], 'GRO': [None]}
    """
    try:
        content = json.loads(body)
        (form,) = set(content) & {"dataframe_records", "dataframe_split", "inputs", "instances"}
        given, params = content[form], content.get("params") or {}
        if not isinstance(params, Mapping):
            raise TypeError
        if form == "dataframe_split":
            return pd.DataFrame(given["data"], columns=given["columns"]), params
        if not all(isinstance(record, Mapping) for record in given):
            raise TypeError
        _refuse_uneven(given)
        return pd.DataFrame(given), params
    except (ValueError, TypeError, KeyError, RecursionError):
        raise InvalidInput(
            "The request could not be read.",
            expected='JSON such as {"dataframe_records": [{"column": value}]}, one record per person',
        ) from None


def _refuse_uneven(records: Sequence[Mapping[str, object]]) -> None:
    """Refuse records of different columns: what one lacks would be read as unanswered beside the others, and not alone.

    >>> _refuse_uneven([{"PAY": 4, "GRO": 2}, {"PAY": 1}])
    Traceback (most recent call last):
    segment.errors.InvalidInput: The people of a request have different columns.
      expected: the same columns in every record, and null for a question that was not answered
      found: 1 column of record 1 is not in record 2
      what to do: check how the columns are spelled
    """
    for place, record in enumerate(records[1:], start=2):
        lost, more = len(records[0].keys() - record.keys()), len(record.keys() - records[0].keys())
        if lost or more:
            few, many, count = (1, place, lost) if lost else (place, 1, more)
            raise InvalidInput(
                "The people of a request have different columns.",
                expected="the same columns in every record, and null for a question that was not answered",
                came=f"{count} column{'s' * (count > 1)} of record {few} {'are' if count > 1 else 'is'} "
                f"not in record {many}",
                advice="check how the columns are spelled",
            )


def application(service: Service, *, ended: Callable[[], None] = lambda: None) -> FastAPI:
    """The service as an application: ``/health``, ``/ping`` and ``/invocations``; ``ended`` is called when it stops."""

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        yield
        ended()

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=living)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=_HOSTS)

    async def health() -> Response:
        return _json({"status": "ok", **service.about})

    async def invocations(request: Request) -> Response:
        try:
            service.still_agreed()
        except Refusal as refusal:
            return _refused(refusal.what, "PERMISSION_DENIED", 403)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
            return _refused(f"Send the request with the header 'content-type: {_JSON}'", "INVALID_PARAMETER_VALUE", 415)
        body = await _body_of(request)
        if body is None:
            return _refused("The request is too long; send fewer people at once", "REQUEST_LIMIT_EXCEEDED", 413)
        try:
            told = await asyncio.to_thread(service.answer, body)
        except RefusedRequest as refusal:
            return _refused(refusal.line, str(refusal.error_code), refusal.get_http_status_code())  # type: ignore[no-untyped-call]
        return Response(told, media_type=_JSON)

    app.add_api_route("/health", health)
    app.add_api_route("/ping", health)
    app.add_api_route("/invocations", invocations, methods=["POST"])
    return app


async def _body_of(request: Request) -> bytes | None:
    """What was sent, or None where it is too long: by its own word, or counted when it comes in pieces."""
    if int(request.headers.get("content-length") or 0) > MOST_BYTES:
        return None
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)


def listen(port: int) -> socket.socket:
    """A socket on this machine only; port 0 takes a free one.

    Raises
    ------
    NotReady
        The port is taken.
    """
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        place.bind((HOST, port))
    except OSError:
        place.close()
        raise NotReady("That port is taken.", came=str(port), advice="name another: --port N, or 0 for any") from None
    return place


def run(app: FastAPI, place: socket.socket) -> None:
    """Answer requests until the process is ended; nothing of a request is logged."""
    settings = uvicorn.Config(app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=10)
    single_threaded(uvicorn.Server(settings).run, [place])


def _refused(line: str, code: str, status: int) -> Response:
    return _json({"error_code": code, "message": line}, status)


def _json(content: Mapping[str, object], status: int = 200) -> Response:
    return Response(json.dumps(content), status_code=status, media_type=_JSON)
