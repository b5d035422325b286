"""Image files as Chromium draws them: all on one page, each on a white canvas that is read back."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from pipeline.core.shards import Pixels
from scrapers.browser.chromium import programs

_FLAGS: Final = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
)  # fmt: skip
_PAGE: Final = """<!DOCTYPE html><meta charset="utf-8"><script>
const files = FILES;
async function draw(file) {
  const image = new Image();
  image.src = "data:" + file.type + ";base64," + file.data;
  try { await image.decode(); } catch (error) { return null; }
  document.body.append(image);
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const pen = canvas.getContext("2d", {willReadFrequently: true});
  pen.fillStyle = "white";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0);
  image.remove();
  const levels = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  let text = "";
  for (let begin = 0; begin < levels.length; begin += 8192)
    text += String.fromCharCode(...levels.subarray(begin, begin + 8192));
  return {width: canvas.width, height: canvas.height, data: btoa(text)};
}
async function drawAll() {
  const drawings = {};
  for (const name in files) drawings[name] = await draw(files[name]);
  return drawings;
}
</script><body></body>"""
_TYPES: Final = ((b"\x89PNG", "png"), (b"\xff\xd8", "jpeg"), (b"GIF8", "gif"), (b"RIFF", "webp"),
                 (b"BM", "bmp"), (b"II*\0", "tiff"), (b"\0\0\1\0", "x-icon"),
                 (b"\xff\x0a", "jxl"),
                 (b"\0\0\0\x0cJXL", "jxl"))  # fmt: skip


def drawings(files: Mapping[str, bytes], folder: Path) -> dict[str, Pixels | None]:
    """What Chromium draws of each of ``files``: RGB (h, w, 3), or None where it draws nothing."""
    page = folder / "files.html"
    encoded = {
        name: {"type": f"image/{_type_of(data)}", "data": base64.b64encode(data).decode()}
        for name, data in files.items()
    }
    page.write_text(_PAGE.replace("FILES", json.dumps(encoded)))
    browser, driver = programs()
    options = ChromeOptions()
    options.binary_location = browser
    for flag in _FLAGS:
        options.add_argument(flag)
    with Chrome(options, Service(driver)) as chrome:
        chrome.set_script_timeout(240)
        chrome.get(page.as_uri())
        answers = chrome.execute_async_script("drawAll().then(arguments[0])")
    return {name: None if answer is None else _pixels(answer) for name, answer in answers.items()}


def _type_of(data: bytes) -> str:
    return next((name for mark, name in _TYPES if data.startswith(mark)), "avif")


def _pixels(answer: dict[str, object]) -> Pixels:
    levels = np.frombuffer(base64.b64decode(str(answer["data"])), np.uint8)
    return levels.reshape(int(str(answer["height"])), int(str(answer["width"])), 4)[..., :3]
