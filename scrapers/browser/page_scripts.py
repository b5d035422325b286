"""What Salon runs inside a page: reading it, asking as its own scripts ask, pressing a button."""

from __future__ import annotations

from typing import Final

IS_ALIVE: Final = "() => true"

WITHOUT_BACK_DOORS: Final = """
delete Navigator.prototype.serviceWorker;
for (const name of [
  'Worker', 'SharedWorker', 'WebSocket', 'WebSocketStream', 'WebTransport', 'RTCPeerConnection',
]) delete globalThis[name];
"""
"""Run before a page's own scripts: what these open is asked for past the gate of the tab."""

READ: Final = """(most) => {
const [navigation] = performance.getEntriesByType('navigation');
const body = document.documentElement ? document.documentElement.outerHTML : '';
return {
  url: location.href,
  status: navigation && navigation.responseStatus || null,
  content_type: `${document.contentType}; charset=utf-8`,
  body: body.length > most ? '' : body,
  too_long: body.length > most,
};
}"""
"""The document as it stands; ``outerHTML`` leaves only the doctype out."""

FETCH: Final = """(url, most) => new Promise((done) => {
const text = async (answer) => {
  const decoder = new TextDecoder();
  let [text, length] = ['', 0];
  for (const reader = answer.body.getReader(); ;) {
    const {done, value} = await reader.read();
    if (done) return text + decoder.decode();
    if ((length += value.length) > most) { reader.cancel(); return null; }
    text += decoder.decode(value, {stream: true});
  }
};
fetch(url, {
  headers: {'X-Requested-With': 'XMLHttpRequest'}, credentials: 'same-origin', redirect: 'manual',
})
  .then(async (answer) => {
    if (answer.type === 'opaqueredirect') { done({moved: true}); return; }
    const body = answer.body ? await text(answer) : '';
    done({
      url: answer.url,
      status: answer.status,
      content_type: answer.headers.get('Content-Type') || '',
      headers: Object.fromEntries(answer.headers),
      body: body === null ? '' : body,
      too_long: body === null,
    });
  })
  .catch((error) => done({error: String(error)}));
})"""
"""Without that header WikiArt answers a request for JSON with HTML. Redirects are not followed."""

PRESS: Final = """(selector, item) => new Promise((done) => {
const usable = () => {
  const button = document.querySelector(selector);
  return button && !button.classList.contains('hide') && getComputedStyle(button).display !== 'none'
    ? button : null;
};
const count = () => document.querySelectorAll(item).length;
const before = count();
const button = usable();
if (!button) { done(false); } else {
  button.click();
  const timer = setInterval(() => {
    if (count() > before || !usable()) { clearInterval(timer); done(usable() !== null); }
  }, 30);
}
})"""
"""Presses a button that loads more items and hides itself when there are none left."""
