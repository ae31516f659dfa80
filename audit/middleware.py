"""A name for each request, so that all changes of one click can be found together."""

import uuid

from audit.context import request_id


class RequestId:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        token = request_id.set(str(uuid.uuid4()))
        try:
            return self.get_response(request)
        finally:
            request_id.reset(token)
