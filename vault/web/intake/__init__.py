"""The public intake interface. Holds no secret of its own and never reaches the vault side."""

from vault.web.intake.application import create_app
from vault.web.intake.services import Services

__all__ = ["Services", "create_app"]
