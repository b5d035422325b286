"""The gate of the browser as a whole: what no tab's gate has passed waits, whoever asks for it.

WebDriver BiDi tells of the requests of windows it knows, and comes to know a new window only after
its first request has left. Chromium's own protocol can hold all requests of the browser back, but
chromedriver hands on nothing of what it says about the browser as a whole. So a blank tab, which no
page can reach, is given that protocol: it holds every request, and lets go those that it was told.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

TELL: Final = "goog:cdp.sendCommand"
"""Chromium's own protocol from within BiDi; without a session the browser is told, and no tab."""

_HOLD: Final = """() => new Promise((ready, failed) => {
const [passed, waiting] = [new Map(), new Map()];
let [session, sent] = [undefined, 0];
const send = (method, params) => {
  browser.send(JSON.stringify({id: ++sent, method, params, sessionId: session}));
  return sent;
};
const go_on = (requestId) => send('Fetch.continueRequest', {requestId});
globalThis.pass = (request) => {
  const [first, ...rest] = waiting.get(request) || [];
  if (first === undefined) passed.set(request, (passed.get(request) || 0) + 1);
  else { waiting.set(request, rest); go_on(first); }
};
const hold = ({requestId, networkId}) => {
  const left = passed.get(networkId) || 0;
  if (left) { passed.set(networkId, left - 1); go_on(requestId); }
  else waiting.set(networkId, [...(waiting.get(networkId) || []), requestId]);
};
let enabling;
browser.onmessage = (text) => {
  const {id, method, params, result, error} = JSON.parse(text);
  if (method === 'Fetch.requestPaused') hold(params);
  else if (id === attaching && result) {
    session = result.sessionId;
    enabling = send('Fetch.enable', {patterns: [{urlPattern: '*'}]});
  }
  else if (id === enabling && result) ready();
  else if (error && (id === attaching || id === enabling)) failed(error.message);
};
const attaching = send('Target.attachToBrowserTarget', {});
})"""
"""Each pass is good for one request; a redirect needs another one."""

_LET_GO: Final = "(request) => pass(request)"


CALL: Final = "script.callFunction"


class Fence:
    """Holds the requests of the whole browser."""

    def __init__(self, command: Callable[[str, Mapping[str, Any]], Any]) -> None:
        """Put it up; ``command`` gives a command of BiDi and returns its result.

        Raises:
            CommandError: the browser lacks what is needed.
        """
        tab = command("browsingContext.create", {"type": "tab", "background": True})
        self.window: str = tab["context"]
        """The tab in which it stands."""
        exposed = {"targetId": self.window, "bindingName": "browser"}
        command(TELL, {"method": "Target.exposeDevToolsProtocol", "params": exposed})
        command(CALL, call(self.window, _HOLD))

    def passing(self, request: str) -> Mapping[str, Any]:
        """The params of a `CALL` that lets one request go, by the browser's name for it."""
        return call(self.window, _LET_GO, request)


def call(context: str, function: str, *arguments: str | int) -> Mapping[str, Any]:
    """The params of a `CALL` of a JavaScript function, whose result comes as JSON."""
    return {
        "functionDeclaration": "async (arguments_) => "
        f"JSON.stringify(await ({function})(...JSON.parse(arguments_)))",
        "awaitPromise": True,
        "target": {"context": context},
        "arguments": [{"type": "string", "value": json.dumps(arguments)}],
    }
