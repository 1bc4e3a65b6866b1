"""The one application that owns tables."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class StoreConfig(AppConfig):
    """Installs the append-only triggers after every migration, since a rebuilt table loses them."""

    name = "pestle.web.store"
    label = "store"

    def ready(self) -> None:
        from pestle.web.store import append_only

        post_migrate.connect(append_only.install_after_migrate, sender=self)
