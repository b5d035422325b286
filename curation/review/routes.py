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

from curation.decisions.list_syntax import CURATORS_REASONS
from curation.review import endpoints
from curation.review.app_state import AppState, Opened
from curation.review.details import LABELS
from curation.review.served_pictures import ServedPicture, as_png, overlays, sizes, square, stencil
from curation.review.training_samples import samples, training
from pipeline.core.errors import BusyError, SalonError, UsageError
from pipeline.core.ids import IMAGE_ID
from pipeline.core.transforms import SYMMETRIES, Symmetry

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

Handler = Callable[[AppState, Request], Any]
Command = Callable[[AppState, str, dict[str, Any]], Any]

_GET: Final[dict[str, Handler]] = {
    "/api/{collection}/sheet": endpoints.sheet,
    "/api/{collection}/items": endpoints.items,
    "/api/{collection}/groups": endpoints.groups,
    "/api/{collection}/places": endpoints.places,
    "/api/{collection}/pairs": endpoints.pairs,
    "/api/{collection}/candidates": endpoints.candidates,
    "/api/{collection}/changes": endpoints.changes,
    "/api/{collection}/training": endpoints.training,
    "/api/{collection}/finish": endpoints.finish,
    "/api/{collection}/stale": endpoints.stale,
    "/api/{collection}/run": endpoints.run_status,
}
_POST: Final[dict[str, Command]] = {
    "/api/{collection}/decide": endpoints.decide,
    "/api/{collection}/undo": endpoints.undo,
    "/api/{collection}/redo": endpoints.redo,
    "/api/{collection}/restore": endpoints.restore,
    "/api/{collection}/run": endpoints.run,
}


def make_app(state: AppState, token: str) -> Starlette:
    """The application; `guard.Guard` has to stand in front of it."""
    static = Path(str(files("curation.review"))) / "static"
    routes = [
        Route("/", lambda _: RedirectResponse(f"/{state.services.names[0]}/grid")),
        Mount("/static", StaticFiles(directory=static, packages=[("pipeline.core", "styles")])),
        *(Route(path, _get(state, answer)) for path, answer in _GET.items()),
        *(Route(path, _post(state, command), methods=["POST"]) for path, command in _POST.items()),
        Route("/picture/{collection}/{kind}/{name}", _picture(state)),
        Route("/picture/{collection}/{kind}/{name}/{symmetry}", _picture(state)),
        Route("/{collection}/{view}", _shell(state, token)),
    ]
    app = Starlette(routes=routes, exception_handlers={SalonError: _refused})
    app.router.redirect_slashes = False  # `..%2f` would be answered by a redirect to `..`
    return app


def _get(state: AppState, answer: Handler) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        return _json(answer(state, request))

    return endpoint


def _post(state: AppState, command: Command) -> Any:
    async def endpoint(request: Request) -> Response:
        try:
            asked = json.loads(await request.body())
        except (ValueError, RecursionError) as error:
            raise UsageError("the page sent no JSON, or too deep a one") from error
        if not isinstance(asked, dict):
            raise UsageError("the page sent no object")
        collection = request.path_params["collection"]
        return _json(await run_in_threadpool(command, state, collection, asked))

    return endpoint


def _picture(state: AppState) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        served, lasting = _find_picture(state, **request.path_params)
        if served is None:
            return Response("there is no such picture\n", 404, media_type="text/plain")
        seconds = 31_536_000 if lasting else 300
        headers = {"cache-control": f"private, max-age={seconds}{', immutable' * lasting}"}
        return Response(served.data, media_type=served.media_type, headers=headers)

    return endpoint


def _find_picture(
    state: AppState, collection: str, kind: str, name: str, symmetry: str = "identity"
) -> tuple[ServedPicture | None, bool]:
    """The picture, and whether it can never change; None where there is none.

    It is found by known ids and names only, never by a path.
    ``kind`` is ``thumbnail``, ``original``, a size in pixels, ``overlay`` or ``sample``.
    """
    opened = state.open(collection)
    if kind == "overlay":
        path = overlays(opened.collection.paths).get(name)
        return (stencil(path) if path else None), False
    if kind == "sample":
        return _sample(opened, name), False
    row = opened.collection.row(name) if IMAGE_ID.fullmatch(name) else None
    if row is None or symmetry not in SYMMETRIES:
        return None, False
    if kind == "thumbnail":
        return state.pictures.thumbnail(opened.collection, row), True
    if kind == "original":
        return state.pictures.original(opened.collection, row), True
    known = {str(size): size for size in sizes(opened.collection.paths)}
    if kind not in known:
        return None, False
    return square(opened.collection, row, known[kind], Symmetry(symmetry)), False


def _sample(opened: Opened, name: str) -> ServedPicture | None:
    pictures = samples(training(opened.collection.paths))
    return as_png(pictures[int(name)]) if name in map(str, range(len(pictures))) else None


def _shell(state: AppState, token: str) -> Callable[[Request], Response]:
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
        if collection not in state.services.names or view not in VIEWS:
            return Response("there is no such page\n", 404, media_type="text/plain")
        page = template.render(
            collection=collection,
            collections=state.services.names,
            view=view,
            views=VIEWS,
            token=token,
            curator=state.curator,
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
