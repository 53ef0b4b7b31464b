"""Expressions that tell where the messages of a page are scrolled to."""

from __future__ import annotations

AT_BOTTOM = "element => Math.abs(element.scrollTop) < 2"
SETTLED = "() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))"
TOP_MESSAGE = """element => {
    const edge = element.getBoundingClientRect().top;
    const first = [...element.querySelectorAll("li[id]")].find(li => li.getBoundingClientRect().bottom > edge + 1);
    return [first.id, first.getBoundingClientRect().top];
}"""
TOP_OF = "element => element.getBoundingClientRect().top"
