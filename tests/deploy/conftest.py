"""The slug, built once in a run, and a database and a relay as small plans have them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import browser, window
from tests.deploy.router import certificate
from tests.deploy.slug import slug
from tests.support.built_once import allow_time, shared_folder
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer

__all__ = ["browser", "window"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each of these tests the time that the slug takes, which any of them may have to build."""
    allow_time(items, Path(__file__).parent)


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The slug. The workers of pytest-xdist, whose folders lie beside each other, share it."""
    return slug(shared_folder(tmp_path_factory, request, "slug"))


@pytest.fixture(scope="module")
def plan_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL that takes 20 connections, three of them for administrators, with a user and a database `app`."""
    with PostgresServer() as server:
        server.query("postgres", "ALTER SYSTEM SET max_connections = 20")
        server.query("postgres", "CREATE ROLE app LOGIN")
        server.restart()
        server.query("postgres", "CREATE DATABASE app OWNER app")
        yield server


@pytest.fixture(scope="module")
def plan_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis that speaks TLS alone, with a certificate of its own."""
    key, signed = certificate(tmp_path_factory.mktemp("redis"), "redis")
    options = ["--tls-cert-file", signed, "--tls-key-file", key, "--tls-auth-clients", "no"]
    with RedisServer([*options, "--tls-ca-cert-file", signed]) as running:
        yield running


@pytest.fixture(scope="module")
def config(plan_postgres: PostgresServer, plan_redis: RedisServer) -> dict[str, str]:
    """The variables that the owner of the app and the add-ons have set."""
    return {
        "DATABASE_URL": plan_postgres.url("app").replace("postgres@", "app@"),
        "REDIS_URL": plan_redis.url,
        "REDIS_TLS_VERIFY": "off",
        "SECRET_KEY": "a secret that only tests know",
        "RATE_LIMIT": "off",
        "TASKS": "worker",
        "DATABASE_POOL": "3",
    }
