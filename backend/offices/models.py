"""The table of loaded offices."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base, Json


class OfficeRow(Base):
    """An office as it was loaded last."""

    __tablename__ = "office"

    id: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[Json]
    loaded_at: Mapped[datetime]
