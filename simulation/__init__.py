"""A believable, visibly fictitious programme, drawn at random and written as the deliveries it would cause.

Read in this order: structures (who), carnets (issuance), prescriptions, visits (redemption), budget: the facts;
extracts (facts → monthly tables of text); render, dirt, hostile (tables → files). The door is
`simulation.simulate`. No rule of the programme lives here: the warehouse computes, this only invents.
"""
