"""The machine that csserv runs on: silent files, full disks, private folders, systemd, memory."""
