// The keyboard shortcuts of the page: to change one is to change its line here.

import { address } from "./address.js";
import { decide, giveReason, stand, state, undo } from "./state.js";

const EXTENDING = {
  "Shift+ArrowLeft": [-1, 0],
  "Shift+ArrowRight": [1, 0],
  "Shift+ArrowUp": [0, -1],
  "Shift+ArrowDown": [0, 1],
};

/** What a key does, its keys, and how: a line each, in the order in which `?` shows them. */
export const shortcuts = ({ arrow, seek, open, doing, filters, help }) => [
  ["keep", ["p"], () => decide("keep")],
  ["remove", ["x"], () => decide("remove")],
  ["take the decision away", ["u"], () => decide("")],
  ["reason", ["1", "2", "3", "4", "5", "6", "7", "8", "9"], (digit) => giveReason(Number(digit))],
  ["undo", ["z"], () => undo()],
  ["redo", ["Shift+z"], () => undo("redo")],
  ["keep this, remove the rest of the group", ["Shift+p"], doing("keepOne")],
  ["these are no copies of each other", ["d"], doing("distinct")],
  ["left", ["ArrowLeft", "h"], () => arrow(-1, 0)],
  ["right", ["ArrowRight", "l"], () => arrow(1, 0)],
  ["up", ["ArrowUp", "k"], () => arrow(0, -1)],
  ["down", ["ArrowDown", "j"], () => arrow(0, 1)],
  ["choose several", Object.keys(EXTENDING), (name) => arrow(...EXTENDING[name], true)],
  ["a screen on", ["PageDown"], () => stand(state.view?.page?.(1) ?? state.cursor)],
  ["a screen back", ["PageUp"], () => stand(state.view?.page?.(-1) ?? state.cursor)],
  ["first", ["Home"], () => stand(0)],
  ["last", ["End"], () => stand(state.sheet.length - 1)],
  ["undecided before", ["["], () => seek(-1)],
  ["next undecided", ["]"], () => seek(1)],
  ["grid", ["g"], () => open(address.view === "variants" ? "variants" : "grid")],
  ["loupe", ["Enter", "e"], () => open("loupe")],
  ["compare", ["c"], () => open("compare")],
  ["groups", ["Shift+g"], () => open("groups")],
  ["as it came, or as the GAN sees it", ["v"], doing("nextKind")],
  ["full size", [" "], doing("zoom")],
  ["overlay of the watermark", ["o"], doing("toggleOverlay")],
  ["blink", ["b"], () => doing("as")("blink")],
  ["difference", ["f"], () => doing("as")("difference")],
  ["side by side", ["s"], () => doing("as")("beside")],
  ["turn copies upright", ["m"], doing("toggleAlign")],
  ["filter", ["/"], () => filters.focus()],
  ["back to the pictures", ["Escape"], () => address.view !== "grid" && history.back()],
  ["these keys", ["?"], () => help()],
];
