"""The command `bin/bench`: picks the scenario that its first word names."""

import sys

from bench.scenarios import closing, open_page, operations_cost, scale, side_by_side


def main(arguments: list[str]) -> int:
    """Run the scenario; its exit code."""
    match arguments:
        case ["scale", *more]:
            return scale.main(more)
        case ["page", *more]:
            return open_page.main(more)
        case ["closing", *more]:
            return closing.main(more)
        case ["operations", *more]:
            return operations_cost.main(more)
    return side_by_side.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
