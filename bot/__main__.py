"""`python -m bot` is `faktasvar`."""

from bot.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
