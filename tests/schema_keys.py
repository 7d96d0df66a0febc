"""Keys of a document that its JSON Schema does not speak of: schemas are to know all that is written."""

import jsonschema


def unknown_keys(value, schema, root, path=""):
    """Paths of keys that the schema does not name; ``root`` is the whole schema, with its definitions."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].split("/")[-1]]
    if "oneOf" in schema:
        defs = {"$defs": root["$defs"]}
        fits = (one for one in schema["oneOf"] if jsonschema.Draft202012Validator(one | defs).is_valid(value))
        return unknown_keys(value, next(fits), root, path)
    found = []
    if isinstance(value, dict):
        named, others = schema.get("properties"), schema.get("additionalProperties")
        for key, part in value.items():
            if key not in named if named is not None else others is None:
                found.append(f"{path}.{key}")
            inner = (named or {}).get(key, others)
            found += unknown_keys(part, inner, root, f"{path}.{key}") if isinstance(inner, dict) else []
    if isinstance(value, list) and "items" in schema:
        found += [key for part in value for key in unknown_keys(part, schema["items"], root, f"{path}[]")]
    return found
