-- AlterTable
ALTER TABLE "resource_scope" ADD COLUMN     "tools" TEXT NOT NULL DEFAULT '';
