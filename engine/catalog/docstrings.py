"""Help texts out of torch's docstrings: the first paragraph, and the sentence on each argument, without markup."""

from __future__ import annotations

import inspect
import re

_SECTION = re.compile(r"^(Args|Arguments|Parameters|Keyword Args|Keyword Arguments|Keyword args):\s*$")
_ENTRY = re.compile(r"^\*{0,2}([A-Za-z_]\w*)\s*(\([^:]*\))?\s*:\s*(.*)$")
_VALUE = r"(?:'[^']*'|\([^)]*\)|[^\s,;)]+(?<!\.))"
_DEFAULT = re.compile(
    rf"\s*[,;]?\s*(?:\(\s*default:?\s*{_VALUE}\s*\)|\bHas a default value of {_VALUE}"
    rf"|\b[Dd]efault(?:s to|:)\s*{_VALUE})\.?(?=\s|$)"
)
_LATEX = {
    r"\times": "×", r"\cdot": "·", r"\infty": "∞", r"\leq": "≤", r"\geq": "≥", r"\le": "≤", r"\ge": "≥", r"\in": "∈",
    r"\beta": "β", r"\alpha": "α", r"\gamma": "γ", r"\epsilon": "ε", r"\lambda": "λ", r"\mu": "μ", r"\rho": "ρ",
    r"\delta": "δ", r"\sigma": "σ", r"\ldots": "…", r"\dots": "…", r"\lfloor": "⌊", r"\rfloor": "⌋", r"\left": "",
    r"\right": "", r"\,": " ", r"\ ": " ", r"\quad": " ", r"\_": "_", r"\{": "{", r"\}": "}", r"\ast": "*",
}  # fmt: skip


def summary(documented: object, limit: int = 400) -> str:
    """The first paragraph, cut after a sentence where it is long."""
    paragraphs = re.split(r"\n\s*\n", inspect.getdoc(documented) or "")
    first = next((p for p in paragraphs if not p.lstrip().startswith(("..", ":", ">>>", "__init__("))), "")
    # What follows a colon or the word “as” is a formula that is not shown.
    text = re.sub(r"\s+(as|as follows|where)?\s*:{1,2}$", ".", plain(first))
    return _cut(text.rstrip(":") + ("" if text.endswith((".", "!")) or not text else "."), limit)


def arguments(documented: object, limit: int = 400) -> dict[str, str]:
    """The text on each argument, by name."""
    found: dict[str, list[str]] = {}
    inside, indent, name = False, 0, ""
    for line in (inspect.getdoc(documented) or "").splitlines():
        here = len(line) - len(line.lstrip())
        if _SECTION.match(line):
            inside, indent = True, 0
        elif inside and line.strip():
            if here == 0:
                inside = False
                continue
            indent = indent or here
            entry = _ENTRY.match(line.strip()) if here == indent else None
            if entry:
                name = entry[1]
                found[name] = [entry[3]]
            elif name:
                found[name].append(line.strip())
    return {key: _cut(plain(" ".join(lines)), limit) for key, lines in found.items()}


def plain(text: str) -> str:
    """Without reStructuredText and most of LaTeX, on one line. Defaults go: the form shows them."""
    code = text.lstrip().startswith("`")
    text = re.sub(r":math:`([^`]*)`", lambda found: _formula(found[1]), text, flags=re.S)
    text = re.sub(r":\w+:`~?(?:[\w.]*\.)?([^`<]+?)(?:\s*<[^`]*>)?`", r"\1", text)
    text = re.sub(r"`([^`<]+?)\s*<[^`]*>`_{1,2}", r"\1", text)
    text = re.sub(r"``([^`]*)``|`([^`]*)`_?", lambda found: found[1] or found[2], text)
    text = re.sub(r"\*\*([^*]+)\*\*", r"\1", text)
    text = re.sub(r"\.\.\s+\w+::.*", "", text)
    text = _DEFAULT.sub("", re.sub(r"\s+", " ", text)).strip()
    text = re.sub(r"\s*\((?:required|no dropout)\)\.?", "", text).strip()
    return text if code else text[:1].upper() + text[1:]


def _formula(text: str) -> str:
    text = re.sub(r"\\(?:text|mathrm|mathcal|mathbf|operatorname|textstyle|hat|bar)\s*\{([^{}]*)\}", r"\1", text)
    text = re.sub(r"\\sqrt\s*\{([^{}]*)\}", r"√\1", text)
    text = re.sub(r"\\frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"\1/\2", text)
    for latex in sorted(_LATEX, key=len, reverse=True):
        text = text.replace(latex, _LATEX[latex])
    text = re.sub(r"\\([A-Za-z]+)", r"\1", text)
    return re.sub(r"[{}$]", "", text)


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    end = text.rfind(". ", 0, limit)
    return text[: end + 1] if end > 0 else text[: text.rfind(" ", 0, limit)] + " …"
