"""Refuses a request that is far too big before it is read to its end."""

from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.files.uploadhandler import FileUploadHandler
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

ROOM = 2 * 1024 * 1024  # for what stands around the files; what is a little too big, the form says


class BoundedUpload(FileUploadHandler):
    """Stands before the handlers that keep what was uploaded."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803 - Django's own name
        content_length: int,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Raise BadRequest, with a sentence, for what announces to be too big."""
        if content_length > settings.MOST_FILE_BYTES + ROOM:
            most = filesizeformat(settings.MOST_FILE_BYTES)
            raise BadRequest(_("That is too big: at most %(most)s at once.") % {"most": most})

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Hand it on."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave it to the next."""
