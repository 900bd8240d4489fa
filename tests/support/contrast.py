"""A script for a browser: the texts that cannot be read well on what is behind them."""

# Contrast as WCAG 2.2 has it, of every text with what is painted behind it.
_SCRIPT = """(() => {
  const parts = (color) => color.match(/[\\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const known = new Map();
  const ground = (node) => {
    if (!node) return [255, 255, 255];
    if (!known.has(node)) {
      const [r, g, b, a] = parts(getComputedStyle(node).backgroundColor);
      known.set(node, a === undefined || a > 0.99 ? [r, g, b] : ground(node.parentElement));
    }
    return known.get(node);
  };
  const bad = [];
  const judge = (node, front, back) => {
    const [x, y] = [light(front), light(back)].sort((a, b) => b - a);
    const ratio = (x + 0.05) / (y + 0.05);
    if (ratio < 4.5) bad.push(`${node.textContent.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
  };
  for (const node of document.querySelectorAll('ROOT *')) {
    const own = [...node.childNodes].some((each) => each.nodeType === 3 && each.data.trim());
    if (!own || !node.getClientRects().length || node.closest('style, title')) continue;
    const style = getComputedStyle(node);
    const lab = node.closest('.vega-embed');  // what JupyterLab drew has no ground of its own
    if (lab && node.tagName === 'text') judge(node, parts(style.fill), ground(lab));
    else if (!node.closest('svg')) judge(node, parts(style.color), ground(node));
    else if (node.tagName === 'text') {
      const before = node.previousElementSibling;
      const cell = node.closest('a, g') && before?.tagName === 'path'
        ? parts(getComputedStyle(before).fill) : parts(getComputedStyle(
            node.ownerSVGElement.querySelector('path')).fill);
      judge(node, parts(style.fill), cell);
    }
  }
  return bad;
})()"""


def hard_to_read(selector: str) -> str:
    """The script for what is within the elements of a selector; none is well."""
    return _SCRIPT.replace("ROOT", selector)
