"""Make start.png with the code of the start page: python docs/pictures/make_start.py"""

from drawing import run_page, save


def main() -> None:
    """Save the figure of the first code block of the page."""
    save(run_page("index.md", 0)["figure"], "start")


if __name__ == "__main__":
    main()
