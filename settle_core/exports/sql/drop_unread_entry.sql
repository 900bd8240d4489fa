DROP TABLE unread_entry;
DROP TABLE unread_scan_entry
