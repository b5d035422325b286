"""The addresses of the page, and what is answered at each."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import jinja2
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from curation.decisions.entries import CURATORS_REASONS
from curation.review import answers
from curation.review.desk import Desk
from curation.review.details import LABELS
from curation.review.images import picture
from pipeline.core.errors import BusyError, SalonError, UsageError

VIEWS: Final = {
    "grid": "Grid",
    "loupe": "Loupe",
    "groups": "Groups",
    "compare": "Compare",
    "borderline": "Borderline",
    "sample": "Sample",
    "variants": "Variants",
    "training": "Training",
    "finish": "Finish",
}
"""The views by the word in their address."""
REASONS_OF_KEYS: Final = tuple(
    reason.name
    for reason in sorted(CURATORS_REASONS.values(), key=lambda reason: reason.digit)
    if reason.digit
)
"""What the digits 1 to 9 say."""

Answer = Callable[[Desk, Request], Any]
Command = Callable[[Desk, str, dict[str, Any]], Any]

_GET: Final[dict[str, Answer]] = {
    "/api/{collection}/sheet": answers.sheet,
    "/api/{collection}/items": answers.items,
    "/api/{collection}/groups": answers.groups,
    "/api/{collection}/places": answers.places,
    "/api/{collection}/pairs": answers.pairs,
    "/api/{collection}/changes": answers.changes,
    "/api/{collection}/training": answers.training,
    "/api/{collection}/finish": answers.finish,
    "/api/{collection}/stale": answers.stale,
    "/api/{collection}/run": answers.run_standing,
}
_POST: Final[dict[str, Command]] = {
    "/api/{collection}/decide": answers.decide,
    "/api/{collection}/undo": answers.undo,
    "/api/{collection}/redo": answers.redo,
    "/api/{collection}/restore": answers.restore,
    "/api/{collection}/run": answers.run,
}


def make_app(desk: Desk, token: str) -> Starlette:
    """The application; `guard.Guard` has to stand in front of it."""
    static = Path(str(files("curation.review"))) / "static"
    routes = [
        Route("/", lambda _: RedirectResponse(f"/{desk.around.names[0]}/grid")),
        Mount("/static", StaticFiles(directory=static, packages=[("pipeline.core", "styles")])),
        *(Route(path, _get(desk, answer)) for path, answer in _GET.items()),
        *(Route(path, _post(desk, command), methods=["POST"]) for path, command in _POST.items()),
        Route("/picture/{collection}/{kind}/{name}", _picture(desk)),
        Route("/picture/{collection}/{kind}/{name}/{symmetry}", _picture(desk)),
        Route("/{collection}/{view}", _shell(desk, token)),
    ]
    return Starlette(routes=routes, exception_handlers={SalonError: _refused})


def _get(desk: Desk, answer: Answer) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        return _json(answer(desk, request))

    return endpoint


def _post(desk: Desk, command: Command) -> Any:
    async def endpoint(request: Request) -> Response:
        try:
            asked = json.loads(await request.body())
        except ValueError as error:
            raise UsageError("the page sent no JSON") from error
        if not isinstance(asked, dict):
            raise UsageError("the page sent no object")
        collection = request.path_params["collection"]
        return _json(await run_in_threadpool(command, desk, collection, asked))

    return endpoint


def _picture(desk: Desk) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        found, lasting = picture(desk, **request.path_params)
        if found is None:
            return Response("there is no such picture\n", 404, media_type="text/plain")
        seconds = 31_536_000 if lasting else 300
        headers = {"cache-control": f"private, max-age={seconds}{', immutable' * lasting}"}
        return Response(found.data, media_type=found.media_type, headers=headers)

    return endpoint


def _shell(desk: Desk, token: str) -> Callable[[Request], Response]:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("curation.review"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("review.html.j2")

    def endpoint(request: Request) -> Response:
        collection, view = request.path_params["collection"], request.path_params["view"]
        if collection not in desk.around.names or view not in VIEWS:
            return Response("there is no such page\n", 404, media_type="text/plain")
        page = template.render(
            collection=collection,
            collections=desk.around.names,
            view=view,
            views=VIEWS,
            token=token,
            curator=desk.curator,
            reasons=REASONS_OF_KEYS,
            labels=LABELS,
        )
        return HTMLResponse(page)

    return endpoint


def _json(content: Any) -> Response:
    return JSONResponse(content)


def _refused(request: Request, error: Exception) -> Response:  # noqa: ARG001 - Starlette's signature
    status = 400 if isinstance(error, UsageError) else 409 if isinstance(error, BusyError) else 503
    return JSONResponse({"error": str(error)}, status)
