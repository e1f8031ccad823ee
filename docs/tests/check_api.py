"""Checks that docs/api.yaml is an OpenAPI document, and that every example in it validates against its schema."""

import sys

import jsonschema
import yaml
from openapi_spec_validator import validate


def examples(node, path=""):
    """Yields the path, schema and value of every example of a media type."""
    if isinstance(node, dict):
        for name, example in (node.get("examples") or {}).items() if isinstance(node.get("examples"), dict) else ():
            yield f"{path}/examples/{name}", node["schema"], example["value"]
        for key, child in node.items():
            yield from examples(child, f"{path}/{key}")
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from examples(child, f"{path}/{index}")


def main(file):
    with open(file, encoding="utf-8") as text:
        document = yaml.safe_load(text)
    validate(document)
    problems, count = [], 0
    for path, schema, value in examples(document["paths"] | {"components": document["components"]}):
        count += 1
        # References lead into the document, so it accompanies the schema.
        validator = jsonschema.Draft202012Validator({**schema, "components": document["components"]})
        problems += [f"{path}: {error.message}" for error in validator.iter_errors(value)]
    if count == 0:
        problems.append("no examples")
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
