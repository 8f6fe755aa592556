"""What cannot be asked over HTTP: it reads the files of data, or fills the disk they are on."""

from __future__ import annotations

from typing import NoReturn

from csserv.errors import InvalidRequestError


class OnlyWhereTheDataAre:
    """The methods of a service that a remote one refuses, with where to call them instead.

    Attributes
    ----------
    address : of the server
    """

    address: str

    def explain(self, *asked: object, **options: object) -> NoReturn:
        """Refuse: the cells behind a number can only be read where the data are.

        Raises
        ------
        InvalidRequestError : always
        """
        raise InvalidRequestError(_where_the_data_are("explain", self.address))

    def verify(self, result: object, whole: bool = False, on_file: object = None) -> NoReturn:
        """Refuse: a result can only be computed again where the data are.

        Raises
        ------
        InvalidRequestError : always
        """
        raise InvalidRequestError(_where_the_data_are("verify", self.address))

    def moved(self, result: object) -> NoReturn:
        """Refuse: what has moved can only be computed where the data are.

        Raises
        ------
        InvalidRequestError : always
        """
        raise InvalidRequestError(_where_the_data_are("moved", self.address))

    def fetch(self, product: str, *asked: object, **options: object) -> NoReturn:
        """Refuse: data are fetched to where they lie, by who may fill that disk.

        Raises
        ------
        InvalidRequestError : always
        """
        raise InvalidRequestError(
            f"data are fetched to where they lie, on the machine of {self.address}: run "
            "csserv fetch there"
        )

    def prepare(self, dataset: str, area: object, *asked: object, **options: object) -> NoReturn:
        """Refuse: numbers are kept where the server is, by who may fill that disk.

        Raises
        ------
        InvalidRequestError : always
        """
        raise InvalidRequestError(
            f"numbers are kept on the machine of {self.address}: run csserv prepare there"
        )

    def make_sums(self, dataset: str, *asked: object, **options: object) -> NoReturn:
        """Refuse: sums are made where the data are.

        Raises
        ------
        InvalidRequestError : always
        """
        raise InvalidRequestError(
            f"time sums are made on the machine of {self.address}: run csserv optimise --sums there"
        )


def _where_the_data_are(what: str, address: str) -> str:
    return (
        f"{what} reads the files of the data, which lie on the machine of {address}: run it there, "
        "with csserv.connect() and the id of the task"
    )
