DROP TABLE unread_settlement;
DROP TABLE unread_scan_settlement
