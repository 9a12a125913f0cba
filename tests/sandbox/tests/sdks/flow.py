"""Runs flow.json through the official Python SDK and prints one line of JSON for each step.

Usage: flow.py HOST CLIENT_ID CLIENT_SECRET EDITION FLOW_FILE FOLDER

A step that the SDK refuses to send, or whose response it cannot decode, does not end the flow: the values that later
steps need are read from the response itself.
"""

import inspect
import json
import os
import re
import sys
import typing
import urllib.parse
import urllib.request

import pydantic
from cashfree_pg import api_client, rest
from cashfree_pg.api_client import Cashfree
from cashfree_pg.exceptions import ApiException

HOST, CLIENT_ID, CLIENT_SECRET, EDITION, FLOW, FOLDER = sys.argv[1:]

RESPONSES = []
send = rest.RESTClientObject.request


def watched(self, *args, **kwargs):
    """Keeps what came back, whatever the SDK makes of it."""
    try:
        response = send(self, *args, **kwargs)
        RESPONSES.append((response.status, response.data, dict(response.getheaders())))
        return response
    except ApiException as error:
        RESPONSES.append((error.status, error.body, dict(error.headers or {})))
        raise


rest.RESTClientObject.request = watched


class Redirected(api_client.Configuration):
    """The SDK knows two hosts; this is the third."""

    def __init__(self, host=None):
        super().__init__(host=HOST + "/pg")


api_client.Configuration = Redirected
CLIENT = Cashfree(Cashfree.SANDBOX, XClientId=CLIENT_ID, XClientSecret=CLIENT_SECRET)


def plain(name):
    return re.sub("_1$", "0", name).replace("_", "").lower()


METHODS = {
    plain(name): getattr(CLIENT, name)
    for name, _ in inspect.getmembers(Cashfree, callable)
    if not name.startswith("_") and name != "PGVerifyWebhookSignature"
}


def arguments(function):
    """The declared arguments and their types, without the ones that every operation has."""
    raw = getattr(function, "raw_function", None) or inspect.unwrap(function)
    hints = typing.get_type_hints(raw)
    names = [name for name in inspect.signature(raw).parameters if name not in ("self", "kwargs")]
    common = ("x_request_id", "x_idempotency_key", "x_api_version", "content_type", "accept")
    return {name: hints[name] for name in names if name not in common}


def is_model(hint):
    return inspect.isclass(hint) and issubclass(hint, pydantic.BaseModel)


def bare(hint):
    """The type inside `Optional` and `Annotated`."""
    choices = [choice for choice in typing.get_args(hint) if choice is not type(None)]
    return bare(choices[0]) if typing.get_origin(hint) is typing.Union and choices else hint


def encode(model, body):
    """A request model from its JSON, as the SDK reads it; where it cannot read a union, one is built by hand."""
    try:
        return model.from_dict(body)
    except ValueError:
        for name, field in model.model_fields.items():
            union, value = bare(field.annotation), body.get(field.alias or name)
            if not value or "one_of_schemas" not in getattr(union, "model_fields", {}):
                continue
            classes = [bare(other.annotation) for other in union.model_fields.values()]
            fitting = [one for one in classes if is_model(one) and set(value) <= set(one.model_fields)]
            request = model.from_dict({key: value for key, value in body.items() if key != (field.alias or name)})
            setattr(request, name, union(fitting[0].from_dict(value)))
            return request
        raise


def look_up(found, text):
    """`$name.path` in what earlier steps returned; `|text` and `|pa` convert it."""
    path, _, form = text[1:].partition("|")
    try:
        for part in path.split("."):
            found = found[int(part)] if part.isdigit() else found[part]
    except (KeyError, IndexError):
        raise LookupError(f"an earlier step has no {path}") from None
    if form == "text":
        return str(found)
    if form == "pa":
        return urllib.parse.parse_qs(urllib.parse.urlparse(found).query)["pa"][0]
    return found


def fill(found, value):
    if isinstance(value, str) and value.startswith("$"):
        return look_up(found, value)
    if isinstance(value, list):
        return [fill(found, item) for item in value]
    if isinstance(value, dict):
        return {name: fill(found, item) for name, item in value.items()}
    return value


def call(step, found):
    function = METHODS[plain(step["call"])]
    given = {}
    for name, hint in arguments(function).items():
        hint = bare(hint)
        if is_model(hint):
            body = {**step["body"], **step.get("in " + EDITION, {})}
            given[name] = encode(hint, fill(found, body))
        elif name in step:
            value = fill(found, step[name])
            if name == "file":
                value = os.path.join(FOLDER, value)
            given[name] = {int: int, str: str}.get(hint, lambda same: same)(value)
    return function(**given)


def reason(error):
    """What the SDK says, without values that differ from run to run."""
    if isinstance(error, pydantic.ValidationError):
        parts = {f"{'.'.join('*' if isinstance(at, int) else str(at) for at in line['loc'])} {line['type']}" for line in error.errors()}
        return f"{error.title}: {', '.join(sorted(parts))}"
    text = str(error).split("\n")[0]
    return f"{type(error).__name__}: {text[:200]}"


def outside(path):
    """What a payer, a bank or a test does beside the SDK."""
    url = path if path.startswith("http") else HOST + path
    kind = {"content-type": "application/x-www-form-urlencoded"}
    with urllib.request.urlopen(urllib.request.Request(url, data=b"", headers=kind, method="POST")) as response:
        return response.read()


def main():
    with open(FLOW, encoding="utf-8") as file:
        steps = json.load(file)
    found, called = {}, set()
    for step in steps:
        if "call" not in step:
            try:
                body = outside(fill(found, step.get("post") or step.get("visit")))
            except (LookupError, OSError):
                # What it stands on was refused before, and so is what stands on it.
                continue
            if "as" in step:
                found[step["as"]] = json.loads(body)
            continue
        name = step["call"]
        if plain(name) not in METHODS:
            continue
        called.add(plain(name))
        RESPONSES.clear()
        line = {"operation": name, "outcome": "works"}
        try:
            call(step, found)
        except Exception as error:
            line.update(outcome="fails", reason=reason(error))
        status, body, headers = RESPONSES[-1] if RESPONSES else (None, None, {})
        headers = {key.lower(): value for key, value in headers.items()}
        line.update(status=status, version=headers.get("x-api-version"))
        try:
            body = json.loads(body)
        except (TypeError, ValueError):
            body = None
        if status and status >= 400:
            line.update(outcome="refused", code=(body or {}).get("code"), reason=(body or {}).get("message"))
        elif status is None:
            line.update(outcome="unsent")
        elif line["outcome"] == "fails":
            line.update(outcome="undecodable")
        if "as" in step and body is not None:
            found[step["as"]] = body
        print(json.dumps(line))
    for name in sorted(set(METHODS) - called):
        print(json.dumps({"operation": name, "outcome": "uncalled"}))


main()
