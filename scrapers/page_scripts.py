"""What Salon runs inside a page: reading it, asking as its own scripts ask, pressing a button."""

from __future__ import annotations

from typing import Final

READ: Final = """
const [navigation] = performance.getEntriesByType('navigation');
return {
  url: location.href,
  status: navigation && navigation.responseStatus || null,
  content_type: `${document.contentType}; charset=utf-8`,
  body: document.documentElement ? document.documentElement.outerHTML : '',
};
"""
"""The document as it stands; ``outerHTML`` leaves only the doctype out."""

FETCH: Final = """
const [url, done] = arguments;
fetch(url, {headers: {'X-Requested-With': 'XMLHttpRequest'}, credentials: 'same-origin'})
  .then(async (answer) => done({
    url: answer.url,
    status: answer.status,
    content_type: answer.headers.get('Content-Type') || '',
    body: await answer.text(),
  }))
  .catch((error) => done({error: String(error)}));
"""
"""The header without which WikiArt answers a request for JSON with HTML."""

PRESS: Final = """
const [selector, item, done] = arguments;
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
"""
"""Presses a button that loads more items and hides itself when there are none left."""
