"""Views for admins: workers, throughput, failures, usage and disk."""
