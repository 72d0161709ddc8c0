"""Calls boto3, once for each line of JSON on standard input; prints each result as a line on standard output.

Every response is compared, as received, with the output shape of the service model, because botocore itself drops
unknown members and does not notice missing ones.
"""

import json
import re
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

OFFSET = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"
TYPES = {"string": str, "boolean": bool, "integer": int, "long": int, "map": dict, "list": list, "structure": dict}


def problems(shape, value, path):
    if shape.type_name == "timestamp":
        if not (isinstance(value, str) and re.match(OFFSET, value)):
            yield f"{path} is not an ISO 8601 time: {value!r}"
        return
    if not isinstance(value, TYPES[shape.type_name]) or (shape.type_name in ("integer", "long") and value is True):
        yield f"{path} is not of type {shape.type_name}: {value!r}"
        return
    if shape.type_name == "structure":
        for name in shape.required_members:
            if name not in value:
                yield f"{path}.{name} is required"
        for name, member in value.items():
            if name in shape.members:
                yield from problems(shape.members[name], member, f"{path}.{name}")
            else:
                yield f"{path}.{name} is not in the service model"
    elif shape.type_name == "list":
        for index, member in enumerate(value):
            yield from problems(shape.member, member, f"{path}[{index}]")
    elif shape.type_name == "map":
        for name, member in value.items():
            yield from problems(shape.value, member, f"{path}.{name}")
    elif shape.type_name == "string":
        if getattr(shape, "enum", None) and value not in shape.enum and value != "":
            yield f"{path} is not one of {shape.enum}: {value!r}"
        pattern = shape.metadata.get("pattern")
        # The model's pattern of resource ARNs allows a single letter for their type; Python's re does not support \\p{L}.
        usable = pattern and shape.name != "ResourceArn" and "\\p{" not in pattern
        if usable and not re.fullmatch(pattern.strip("^$"), value) and value != "":
            yield f"{path} does not match {pattern}: {value!r}"
        length = len(value)
        if length < shape.metadata.get("min", 0) or length > shape.metadata.get("max", length):
            yield f"{path} is {length} characters long"


def client_of(request):
    client = boto3.client(
        "ivs",
        endpoint_url=request["endpoint"],
        region_name=request["region"],
        aws_access_key_id=request["accessKeyId"],
        aws_secret_access_key=request["secretAccessKey"],
        config=Config(
            retries={"total_max_attempts": 1}, parameter_validation=request["checked"], read_timeout=20
        ),
    )
    return client


def call(request):
    client = client_of(request)
    found = []

    def after(http_response, model, **_):
        if http_response.status_code >= 300 or model.output_shape is None:
            return
        body = json.loads(http_response.content or b"{}")
        found.extend(problems(model.output_shape, body, model.name))

    client.meta.events.register("after-call.ivs", after)
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", request["operation"]).lower()
    try:
        answer = getattr(client, name)(**request["parameters"])
    except ClientError as error:
        return {
            "refused": error.response["Error"]["Code"],
            "class": type(error).__name__,
            "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
            "message": error.response.get("exceptionMessage") or error.response["Error"].get("Message", ""),
        }
    status = answer.pop("ResponseMetadata")["HTTPStatusCode"]
    return {"answer": answer, "status": status, "problems": found}


def pages(request):
    paginator = client_of(request).get_paginator(re.sub(r"(?<!^)(?=[A-Z])", "_", request["operation"]).lower())
    found = list(paginator.paginate(**request["parameters"]))
    return {"answer": {"pages": found}, "status": 200, "problems": []}


for line in sys.stdin:
    asked = json.loads(line)
    said = pages(asked) if asked.get("paginate") else call(asked)
    print(json.dumps(said, default=lambda value: value.isoformat()), flush=True)
