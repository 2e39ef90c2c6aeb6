"""The pages of report_browser.sh in the current folder: nothing goes to the console or the network, nothing is wider
than the screen, what is shown is what the log holds, and names do nothing."""
import json
import sys

from browser import Browser

SCREENS = [(1280, False, False), (1280, True, False), (375, False, True), (375, True, True)]
TABLE = """(() => {
  document.getElementById('table-details').open = true;
  document.getElementById('table-details').dispatchEvent(new Event('toggle'));
  const table = document.getElementById('table'), rows = () => [...table.querySelectorAll('tbody tr')]
    .filter((row) => !row.querySelector('.gap')).map((row) => [...row.children].map((cell) => cell.textContent));
  const first = rows();
  table.scrollTop = table.scrollHeight;
  table.dispatchEvent(new Event('scroll'));
  return [[...table.querySelectorAll('th')].map((cell) => cell.textContent), first, rows()];
})()"""
CHART = """(() => { const box = document.querySelector('#score-chart svg').getBoundingClientRect();
  return [box.left, box.top, box.width, box.height]; })()"""
TIP = "document.getElementById('tip').hidden ? null : document.getElementById('tip').textContent"
LUMINANCE = """(() => { const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number);
  return r + g + b; })()"""
# Luma of the pictures of a card as the browser decodes them.
LUMA = """(async () => { const card = document.querySelectorAll('.card')[%d];
  return Promise.all([...card.querySelectorAll('img')].map(async (image) => {
    await image.decode();
    const canvas = document.createElement('canvas'), context = canvas.getContext('2d');
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data, luma = [];
    for (let i = 0; i < pixels.length; i += 4)
      luma.push(Math.round((0.299 * pixels[i] + 0.587 * pixels[i + 1] + 0.114 * pixels[i + 2]) * 219 / 255 + 16));
    return luma;
  })); })()"""
failures = []


def check(what, ok, shown=""):
    if not ok:
        failures.append(what)
        print(f"{what}: {shown}")


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def frames_of(log, name):
    return [frame["metrics"][name] for frame in log["frames"]]


def looks_right(browser, path):
    for width, dark, touch in SCREENS:
        browser.open(path, width, 800, dark, touch)
        where = f"{path} at {width}{' dark' if dark else ''}"
        check(where + ": complaints", not browser.complaints(), browser.complaints())
        check(where + ": width", browser.value("document.documentElement.scrollWidth") == width)
        check(where + ": theme", (browser.value(LUMINANCE) < 200) == dark, browser.value(LUMINANCE))
        check(where + ": a line", browser.value("document.querySelectorAll('#score-chart path.series').length") > 0)
        browser.value("document.getElementById('theme').click()")
        check(where + ": toggle", (browser.value(LUMINANCE) < 200) != dark)


def one_encode(browser):
    log = load("one.json")
    browser.open("one.html", 1280, 800)
    heads, rows, _ = browser.value(TABLE)
    for name, column in list(zip(heads, zip(*rows))):
        wanted = [str(i) for i in range(30)] if name == "frame" else [f"{v:.6f}" for v in frames_of(log, name)]
        check("table, " + name, list(column) == wanted[:len(column)] and len(column) > 20, column)
    check("table, columns", set(log["pooled_metrics"]) < set(heads), heads)
    score = browser.value("document.getElementById('overview-title').textContent")
    check("mean", browser.value("document.querySelector('#tiles b').title") ==
          f"{log['pooled_metrics'][score]['mean']:.6f}")
    left, top, width, height = browser.value(CHART)
    browser.mouse("mouseMoved", left + width - 11, top + height / 2)
    check("tip", f"{frames_of(log, score)[-1]:.6f}" in (browser.value(TIP) or "") and "frame 29" in browser.value(TIP),
          browser.value(TIP))
    browser.value("document.querySelector('.card').click()")
    check("viewer", browser.value("document.getElementById('viewer').open && "
                                  "document.getElementById('wipe-ref').naturalWidth") == 64)
    check("complaints after use", not browser.complaints(), browser.complaints())


def nearest_frame(luma, path):
    """The frame of a raw video that looks most like the picture."""
    with open(path, "rb") as f:
        data = f.read()
    frames = [data[at:at + 64 * 48] for at in range(0, len(data), 64 * 48 * 3 // 2)]
    return min(range(len(frames)), key=lambda t: sum(abs(a - b) for a, b in zip(luma, frames[t])))


def pictures_are_of_their_frames(browser):
    browser.open("one.html", 1280, 800)
    cards = browser.value("[...document.querySelectorAll('.card')].map((card) => Number(card.dataset.frame))")
    check("cards", len(cards) == 3, cards)
    for at, frame in enumerate(cards):
        for luma, path in zip(browser.value(LUMA % at), ("ref.yuv", "a.yuv")):
            nearest = nearest_frame(luma, path)
            check(f"picture of frame {frame} of {path}", nearest == frame, nearest)


def two_encodes(browser):
    logs = [load("0.json"), load("1.json")]
    browser.open("two.html", 375, 800, touch=True)
    score = browser.value("document.getElementById('overview-title').textContent")
    heads, rows, _ = browser.value(TABLE)
    check("both in the table", rows[7][-2:] == [f"{frames_of(log, score)[7]:.6f}" for log in logs], rows[7])
    browser.value("document.querySelectorAll('#ladder .key')[0].click()")
    browser.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    check("one is hidden", browser.value("document.querySelectorAll('#score-chart path.series').length") == 1)


def hostile_names(browser):
    browser.open("hostile.html", 375, 800)
    check("title", browser.value("document.title").startswith("Quality of 10"), browser.value("document.title"))
    elements = browser.value("document.querySelectorAll('main i, main b b, img[src=x]').length")
    check("no element of a name", elements == 0, elements)
    check("the name as text", "</script><script>document.title='owned'" in
          browser.value("document.getElementById('facts').textContent"))


def many_frames(browser):
    browser.open("long.html", 1280, 800)
    longest = browser.value("Math.max(...[...document.querySelectorAll('path')]"
                            ".map((path) => path.getAttribute('d').length))")
    check("a line of 100000 frames", longest < 40000, longest)
    _, first, last = browser.value(TABLE)
    check("the first and the last row", (first[0][0], last[-1][0]) == ("0", "99999"), last[-1:])
    check("rows that exist", len(last) < 100, len(last))


def main():
    browser = Browser()
    try:
        for path in ("one.html", "two.html", "hostile.html", "long.html"):
            looks_right(browser, path)
        one_encode(browser)
        pictures_are_of_their_frames(browser)
        two_encodes(browser)
        hostile_names(browser)
        many_frames(browser)
    finally:
        browser.close()
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
