"""Strata: opens the window; `main.py train|check|new|…` hands over to engine.cli and needs no screen."""

from __future__ import annotations

import sys

if __name__ == "__main__":  # loading `signal` takes milliseconds: until main() takes care, Ctrl-C ends without a trace
    import _signal  # pyright: ignore[reportMissingImports]

    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:  # not under nohup
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

import signal

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def main(argv: list[str] | None = None) -> int:
    """The exit status: 0 done, 1 a problem with design, data or file, 2 wrong usage, 130 interrupted."""
    argv = sys.argv[1:] if argv is None else argv
    interrupted: list[int] = []

    def on_signal(number: int, _frame: object) -> None:
        """As Python does for Ctrl-C, for each of them: until a command takes care of them itself, nothing is lost."""
        interrupted.append(number)
        raise KeyboardInterrupt(number)

    def unraisable(ignored: sys.UnraisableHookArgs) -> None:
        """Where Python itself cannot be interrupted (in a callback, while it imports) a command asks later."""
        if not isinstance(ignored.exc_value, KeyboardInterrupt):
            sys.__unraisablehook__(ignored)

    before = {number: signal.getsignal(number) for number in SIGNALS}
    sys.unraisablehook = unraisable
    for number in SIGNALS:
        if before[number] != signal.SIG_IGN:  # nohup
            signal.signal(number, on_signal)
    try:
        from engine import cli

        demo = argv == ["demo"] and _opens_a_window()
        if not demo and cli.wants_terminal(argv):
            status = cli.main(argv, interrupted)
            for number in SIGNALS:  # what comes now would break into Python's own end
                signal.signal(number, signal.SIG_IGN)
            return status
    except KeyboardInterrupt as interrupt:
        print("strata: interrupted.", file=sys.stderr)
        return 128 + (interrupt.args[0] if interrupt.args else signal.SIGINT)
    for number, handler in before.items():
        signal.signal(number, handler)
    sys.unraisablehook = sys.__unraisablehook__
    from gui import app

    return app.run([] if demo else argv, demo=demo)


def _opens_a_window() -> bool:
    """Whether the demonstration has a window; says why where it has not."""
    from gui import preflight

    obstacle = preflight.obstacle()
    if obstacle is not None:
        print(f"strata: {obstacle.removesuffix(preflight.HEADLESS).strip()}", file=sys.stderr)
    return obstacle is None


if __name__ == "__main__":
    sys.exit(main())
