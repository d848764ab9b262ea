"""The house in figures: modules, their sizes and readers, bodies of functions, circles, and types left open.

Standard library only; nothing of the project is run.

    python benchmarks/house.py            # this tree
    python benchmarks/house.py --root DIR # another checkout, for a table of before and after
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

SMALL = 40
LONG = 40
THIN = 150


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[1], help="a checkout")
    parser.add_argument("--short", action="store_true", help="the same; it takes seconds")
    for name, figure in measured(parser.parse_args().root).items():
        print(f"{name:<62}{figure:>12}")


def measured(root: Path) -> dict[str, str]:
    """Every figure by its name."""
    files = {name_of(root, path): path for folder in ("src", "pipelines") for path in (root / folder).rglob("*.py")}
    trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in files.items()}
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in files.items()}
    modules = [name for name, path in files.items() if not path.name.startswith("__")]
    reads = {name: {one for one in imports_of(tree) if one in files and one != name} for name, tree in trees.items()}
    readers = {name: sum(name in known for known in reads.values()) for name in files}
    bodies = sorted(size for tree in trees.values() for size in bodies_of(tree))
    alone = [name for name in modules if readers[name] == 1]
    stages = [name for name, tree in trees.items() if is_stage(tree)]
    return {
        "modules": f"{len(modules)}",
        "lines": f"{sum(lines.values()):,}",
        "lines of a module, median": f"{median(lines[name] for name in modules):.0f}",
        "lines of a module, most": f"{max(lines.values())}",
        "lines of a function, median": f"{median(bodies):.0f}",
        "lines of a function, nine of ten at most": f"{bodies[int(0.9 * len(bodies))]}",
        f"functions over {LONG} lines": f"{sum(size > LONG for size in bodies)}",
        f"stages over {THIN} lines": f"{sum(lines[name] > THIN for name in stages)} of {len(stages)}",
        "lines of a stage, most": f"{max((lines[name] for name in stages), default=0)}",
        "modules with one reader": f"{len(alone)}",
        f"modules under {SMALL} lines with one reader": f"{sum(lines[name] < SMALL for name in alone)}",
        "circles of imports": f"{circles(reads)}",
        "uses of Any": f"{sum(uses_of_any(tree) for tree in trees.values())}",
    }


def name_of(root: Path, path: Path) -> str:
    """The name by which a module is imported."""
    inside = path.relative_to(root / "src") if (root / "src") in path.parents else path.relative_to(root)
    return ".".join(inside.with_suffix("").parts).removesuffix(".__init__")


def imports_of(tree: ast.AST) -> Iterator[str]:
    """Every name a module imports, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def bodies_of(tree: ast.AST) -> Iterator[int]:
    """Lines of every function from its first statement on; a docstring is none."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            yield (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def is_stage(tree: ast.Module) -> bool:
    """Whether a module makes a ``Stage`` as it is read."""
    made = (node.value for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call))
    return any(isinstance(call.func, ast.Name) and call.func.id == "Stage" for call in made)


def circles(reads: dict[str, set[str]]) -> int:
    """Groups of modules that import each other in a loop: strongly connected parts of more than one (Tarjan, 1972)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = 0

    def visit(name: str) -> None:
        nonlocal found
        number[name] = low[name] = len(number)
        stack.append(name)
        for other in sorted(reads[name]):
            if other not in number:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], number[other])
        if low[name] == number[name]:
            part = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            found += len(part) > 1

    for name in sorted(reads):
        if name not in number:
            visit(name)
    return found


def uses_of_any(tree: ast.AST) -> int:
    """How often a type is left open."""
    return sum(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(tree))


if __name__ == "__main__":
    main()
