"""Until when a case is kept, and how it ends: deletion, the end day, erasing."""
