-- Nothing is fetched from anywhere.
SET autoinstall_known_extensions = false;
SET autoload_known_extensions = false;
SET TimeZone = 'UTC'
