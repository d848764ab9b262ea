"""What is packed: the library, the flows, and ``configs/`` from its one home as data of the library."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages("src"), "pipelines", "segment.configs"],
    package_dir={"": "src", "pipelines": "pipelines", "segment.configs": "configs"},
    package_data={
        "segment": [
            "locale/*.yaml",
            "locale/languages/*.yaml",
            "exports/templates/*",
            "exports/fonts/*",
            "exports/rules.json",
            "py.typed",
        ],
        "segment.configs": ["*.yaml", "*/*.yaml", "*/*.csv"],
    },
)
