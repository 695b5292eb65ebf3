"""Random programs and a judge: what the native set's self-test and the test suite hold kernel sets against."""
