DROP TABLE settled_week
