-- AlterTable
ALTER TABLE "resource" ADD COLUMN     "access" TEXT NOT NULL DEFAULT 'everyone';

-- AlterTable
ALTER TABLE "client" ADD COLUMN     "allowed_at" BIGINT,
ADD COLUMN     "changed_at" BIGINT,
ADD COLUMN     "previous_payload" TEXT;

-- AlterTable
ALTER TABLE "refresh_family" ADD COLUMN     "address" TEXT;

-- AlterTable
ALTER TABLE "protocol_grant" ADD COLUMN     "address" TEXT,
ADD COLUMN     "paused_at" BIGINT;

-- AlterTable
ALTER TABLE "browser_session" ADD COLUMN     "address" TEXT,
ADD COLUMN     "device" TEXT;

-- CreateTable
CREATE TABLE "account_link" (
    "digest" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "created_at" BIGINT NOT NULL,
    "expires_at" BIGINT NOT NULL,

    CONSTRAINT "account_link_pkey" PRIMARY KEY ("digest")
);

-- CreateTable
CREATE TABLE "resource_member" (
    "resource_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,

    CONSTRAINT "resource_member_pkey" PRIMARY KEY ("resource_id","account_id")
);

-- CreateTable
CREATE TABLE "client_logo" (
    "client_id" TEXT NOT NULL,
    "uri" TEXT NOT NULL,
    "png" BYTEA,
    "fetched_at" BIGINT NOT NULL,

    CONSTRAINT "client_logo_pkey" PRIMARY KEY ("client_id")
);

-- CreateTable
CREATE TABLE "client_approval" (
    "client_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "asked_at" BIGINT NOT NULL,
    "decided_at" BIGINT,

    CONSTRAINT "client_approval_pkey" PRIMARY KEY ("client_id","account_id")
);

-- CreateIndex
CREATE INDEX "account_link_account_id_idx" ON "account_link"("account_id");

-- CreateIndex
CREATE INDEX "account_link_expires_at_idx" ON "account_link"("expires_at");

-- CreateIndex
CREATE INDEX "resource_member_account_id_idx" ON "resource_member"("account_id");

-- CreateIndex
CREATE INDEX "client_approval_state_asked_at_idx" ON "client_approval"("state", "asked_at");

-- CreateIndex
CREATE INDEX "client_software_id_idx" ON "client"("software_id");

-- CreateIndex
CREATE INDEX "consent_resource_id_idx" ON "consent"("resource_id");

-- CreateIndex
CREATE INDEX "consent_granted_at_idx" ON "consent"("granted_at");

-- AddForeignKey
ALTER TABLE "resource_member" ADD CONSTRAINT "resource_member_resource_id_fkey" FOREIGN KEY ("resource_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;
