// Questions that tests ask of a page that is open; see chromium.py.
({
  // What the keyboard must reach; kept, so that the others can be asked about it by number.
  wanted() {
    const acts = 'a[href], button, input, select, textarea, summary, [tabindex], [contenteditable]';
    const scrolls = e => { const s = getComputedStyle(e), over = v => ['auto', 'scroll'].includes(v);
      return over(s.overflowX) && e.scrollWidth > e.clientWidth + 1 || over(s.overflowY) && e.scrollHeight > e.clientHeight + 1; };
    window.wanted = [...document.querySelectorAll('body *')].filter(e =>
      (e.matches(acts) || scrolls(e)) && e.checkVisibility({visibilityProperty: true}) && !e.disabled);
    document.activeElement.blur();
    return window.wanted.length;
  },

  // Keep, at each further press of a key, which of them has the focus, and whether a reader sees that.
  watch() {
    window.focused = [];
    addEventListener('keydown', () => {
      const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
      const outlined = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1;
      const inside = r.width > 0 && r.height > 0 && r.bottom > 0 && r.right > 0 && r.top < innerHeight && r.left < innerWidth;
      window.focused.push([window.wanted.indexOf(e), outlined && inside]);
    }, true);
  },

  // What was kept.
  watched() {
    return window.focused;
  },

  // One of them, as it is written.
  named(i) {
    return window.wanted[i].outerHTML.slice(0, 120);
  },

  // Ids that are given twice, and references to ids that are not there.
  broken() {
    const ids = [...document.querySelectorAll('[id]')].map(e => e.id), known = new Set(ids), found = [];
    if (known.size !== ids.length) found.push('twice: ' + ids.filter((id, i) => ids.indexOf(id) !== i).join(' '));
    for (const name of ['headers', 'aria-labelledby', 'aria-describedby', 'aria-controls', 'aria-owns', 'for', 'list'])
      for (const e of document.querySelectorAll('[' + name + ']'))
        for (const id of e.getAttribute(name).split(/\s+/).filter(Boolean)) if (!known.has(id)) found.push(name + ': ' + id);
    for (const e of document.querySelectorAll('svg *'))
      for (const a of e.attributes) for (const [, id] of a.value.matchAll(/url\(["']?#([^"')]+)/g))
        if (!known.has(id)) found.push(a.name + ': ' + id);
    for (const e of document.querySelectorAll('use')) if (!known.has((e.getAttribute('href') || '').slice(1))) found.push('use');
    return found;
  },

  // Pairs of texts of which one lies over the other; what is clipped away does not count.
  overlapping() {
    const known = new Map([[document.body, {l: -Infinity, t: -Infinity, x: Infinity, b: Infinity}], [null, {l: -Infinity, t: -Infinity, x: Infinity, b: Infinity}]]);
    const left = e => {
      if (known.has(e)) return known.get(e);
      const s = getComputedStyle(e), around = left(e.parentElement);
      let found = around;
      if (s.clipPath !== 'none' || !around) found = null;
      else if (s.overflowX !== 'visible') {
        const c = e.getBoundingClientRect();
        found = {l: Math.max(around.l, c.left), t: Math.max(around.t, c.top), x: Math.min(around.x, c.right), b: Math.min(around.b, c.bottom)};
      }
      known.set(e, found);
      return found;
    };
    const seen = (e, r) => {
      const w = left(e);
      if (!w) return null;
      const [l, t, x, b] = [Math.max(r.left, w.l), Math.max(r.top, w.t), Math.min(r.right, w.x), Math.min(r.bottom, w.b)];
      return x - l > 1 && b - t > 1 ? {l, t, x, b} : null;
    };
    const boxes = [], range = document.createRange();
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let n; (n = walk.nextNode());) {
      const e = n.parentElement;
      if (!n.textContent.trim() || e.closest('style, script, title, desc') || !e.checkVisibility({visibilityProperty: true})) continue;
      range.selectNodeContents(n);
      for (const r of range.getClientRects()) { const box = seen(e, r); if (box) boxes.push({...box, n, e}); }
    }
    boxes.sort((one, other) => one.t - other.t);
    const found = [];
    boxes.forEach((one, i) => {
      for (let j = i + 1; j < boxes.length && boxes[j].t < one.b; j++) {
        const other = boxes[j];
        const wide = Math.min(one.x, other.x) - Math.max(one.l, other.l), high = Math.min(one.b, other.b) - other.t;
        if (one.n !== other.n && wide > 2 && high > .4 * Math.min(one.b - one.t, other.b - other.t))
          found.push([(one.e.closest('section') || {}).id || '', one.n.textContent.trim().slice(0, 40), other.n.textContent.trim().slice(0, 40)]);
      }
    });
    return found;
  },

  // Texts with less contrast than 4.5 to what lies behind them.
  faint() {
    const parse = c => (c.match(/[\d.]+/g) || []).map(Number);
    const lum = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
      .reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
    const known = new Map([[null, [255, 255, 255]]]);
    const behind = e => {
      if (!known.has(e)) {
        const c = parse(getComputedStyle(e).backgroundColor);
        known.set(e, c.length === 3 || c[3] > 0 ? c : behind(e.parentElement));
      }
      return known.get(e);
    };
    const found = [];
    for (const e of document.querySelectorAll('body *')) {
      const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
      if (!own || !e.getClientRects().length || ['STYLE', 'TITLE'].includes(e.tagName)) continue;
      const style = getComputedStyle(e);
      const colour = parse(e instanceof SVGElement ? style.fill : style.color);
      const [a, b] = [lum(colour), lum(behind(e))].sort((x, y) => y - x);
      if ((a + .05) / (b + .05) < 4.5) found.push(e.textContent.trim().slice(0, 40) + ' ' + colour + ' on ' + behind(e));
    }
    return found;
  },
})
