"""What a project promised before it changed anything: its parts, reading, writing, hashing, checking, drawing."""
