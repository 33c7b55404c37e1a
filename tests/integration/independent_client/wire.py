"""Canonical encoding (PROTOCOL.md, section 4)."""
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError

from primitives import require, Refused


def encode(message):
    return message.SerializeToString(deterministic=True)


def decode(kind, data):
    message = kind()
    try:
        message.ParseFromString(data)
    except DecodeError:
        raise Refused("does not decode") from None
    check_codes(message)
    known = kind()
    known.CopyFrom(message)
    known.DiscardUnknownFields()
    require(encode(known) == data, "not canonical, or with unknown elements")
    return message


def check_codes(message):
    for field, value in message.ListFields():
        many = field.label == FieldDescriptor.LABEL_REPEATED
        values = list(value) if many else [value]
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            for one in values:
                check_codes(one)
        if field.type == FieldDescriptor.TYPE_ENUM:
            stated = many or field.containing_oneof
            require(all(v in field.enum_type.values_by_number and (v or not stated) for v in values), "unknown code")
            require(len(set(values)) == len(values), "a code twice")
